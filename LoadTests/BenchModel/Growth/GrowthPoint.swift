/// One measurement of purchases at one size.
package struct GrowthPoint: Sendable, Equatable, Codable {
    package var axis: GrowthAxis
    package var size: Int
    package var loop: ClosedLoop
    package var cost: [ProcessCost]
    /// Most memory that the service ever had, `VmHWM`.
    package var residentBytesMax: Int
    package var disturbance: Disturbance
    /// What was wrong with the answers or the books.
    package var faults: [String]

    package init(
        axis: GrowthAxis, size: Int, loop: ClosedLoop, cost: [ProcessCost], residentBytesMax: Int, disturbance: Disturbance, faults: [String]
    ) {
        self.axis = axis
        self.size = size
        self.loop = loop
        self.cost = cost
        self.residentBytesMax = residentBytesMax
        self.disturbance = disturbance
        self.faults = faults
    }
}
