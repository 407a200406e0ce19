/// One contender, measured once on servers of its own.
package struct Round: Sendable, Equatable, Codable {
    package var contender: Contender
    /// From 1; a repetition of a disturbed round has its number.
    package var number: Int
    package var peak: ClosedLoop
    package var cost: [ProcessCost]
    /// Most memory that the service ever had, `VmHWM`; not for nginx, which is several processes
    /// that share much of theirs.
    package var residentBytesMax: Int?
    /// At half of this round's requests/s; buying only.
    package var halfLoad: OpenLoop?
    /// One client, now and then; buying only.
    package var idle: OpenLoop?
    package var disturbance: Disturbance
    /// What was wrong with the answers or the books; empty when all was right.
    package var faults: [String]

    package init(
        contender: Contender, number: Int, peak: ClosedLoop, cost: [ProcessCost], residentBytesMax: Int?, halfLoad: OpenLoop?, idle: OpenLoop?,
        disturbance: Disturbance, faults: [String]
    ) {
        self.contender = contender
        self.number = number
        self.peak = peak
        self.cost = cost
        self.residentBytesMax = residentBytesMax
        self.halfLoad = halfLoad
        self.idle = idle
        self.disturbance = disturbance
        self.faults = faults
    }

    /// CPU of all servers per request.
    package var serverCost: Double { cost.ofServers }

    /// Why its figures say little, if they do.
    package var doubt: String? {
        if disturbance.isTooMuch { return disturbance.text }
        if halfLoad?.isScheduleKept == false { return "the generator did not keep its schedule at half load" }
        if idle?.isScheduleKept == false { return "the generator did not keep its schedule with one client" }
        return nil
    }
}
