import NIOCore
import SaleCore

/// Where the events of one stream go.
protocol StreamOutlet: AnyObject {
    /// All that was sent is with the kernel.
    var hasTakenAll: Bool { get }
    func send(_ bytes: ByteBuffer)
    /// What was sent is the last.
    func finish()
    /// Ends it as it is.
    func cutOff()
}

/// One client's stream. Confined to its connection's event loop.
final class LiveStream {
    let name: SaleStreams.Name
    /// Whose place it has; `nil` is nobody's.
    let address: String?
    private let outlet: any StreamOutlet
    private unowned let streams: SaleStreams
    private(set) var sentAt: MonotonicInstant
    /// Events in a row that came while those before were not taken.
    private var lateCount = 0

    /// So many events find the client not reading, and the last of them ends the stream.
    private static let lateMax = 2

    enum Result: String, CaseIterable {
        case sent
        /// Behind what the client has not taken.
        case delayed
        /// The client took too little, and its stream ended.
        case dropped
    }

    init(_ name: SaleStreams.Name, address: String?, outlet: any StreamOutlet, streams: SaleStreams, at now: MonotonicInstant) {
        self.name = name
        self.address = address
        self.outlet = outlet
        self.streams = streams
        sentAt = now
    }

    /// - Parameter bytes: shared by all streams that get them.
    func send(_ bytes: ByteBuffer, at now: MonotonicInstant) -> Result {
        lateCount = outlet.hasTakenAll ? 0 : lateCount + 1
        guard lateCount < Self.lateMax else {
            outlet.cutOff()
            return .dropped
        }
        outlet.send(bytes)
        sentAt = now
        return lateCount == 0 ? .sent : .delayed
    }

    func finish(_ bye: ByteBuffer) {
        outlet.send(bye)
        outlet.finish()
    }

    // MARK: What its connection tells

    /// The server stops.
    func quiesce() { streams.dismiss(self) }

    func connectionEnded() { streams.ended(self) }
}
