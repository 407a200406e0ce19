/// What a proxy does to bytes.
enum ProxyMode: Sendable, Equatable {
    case pass
    /// Connections are reset as soon as they are made, and those that exist at once.
    case refuse
    /// Bytes vanish, both ways or one. A stream that lost bytes is of no use afterwards, so it is
    /// reset when the mode ends.
    case blackhole(Direction)
    /// Bytes wait, and arrive in order when the mode ends: a partition shorter than TCP's patience.
    case stall
    case delay(milliseconds: Int)

    enum Direction: Sendable, Equatable {
        case both
        case toServer
        case toClient
    }
}

/// Cuts one connection at one point of its conversation.
struct Trap: Sendable, Equatable {
    enum Trigger: Sendable, Equatable {
        /// The client has sent so many bytes, on one connection, since the trap was set.
        case bytes(Int)
        /// The client has sent `marker`, and since then a message that ends so.
        case message(marker: [UInt8], ending: [UInt8])
    }

    enum Moment: Sendable, Equatable, CaseIterable {
        /// The server never sees the end of it: nothing happened.
        case beforeForwarding
        /// The server gets all of it, and the connection is gone: whatever happened, nobody hears
        /// of it.
        case afterForwarding
        /// The server has answered, so it has happened; the answer is swallowed.
        case insteadOfReply
    }

    var trigger: Trigger
    var moment: Moment

    /// A libpq client has sent a prepared statement with `marker` among its parameters: Execute and
    /// Sync end it (PostgreSQL manual, 55.7).
    static func statement(holding marker: String, cut moment: Moment) -> Trap {
        Trap(trigger: .message(marker: Array(marker.utf8), ending: [UInt8(ascii: "S"), 0, 0, 0, 4]), moment: moment)
    }
}

/// Watches what one client sends for the point at which a trap springs. Holds no bytes but the last
/// few.
struct LinkTap: Sendable {
    enum Action: Sendable, Equatable {
        case forward
        /// Nothing of this may reach the server.
        case cutNow
        case forwardThenCut
        /// From now on the server's bytes are swallowed; the first of them resets the connection.
        case forwardThenSwallow
    }

    private let trap: Trap
    private var count = 0
    private var hasMarker = false
    private var tail: [UInt8] = []

    init(_ trap: Trap) {
        self.trap = trap
    }

    mutating func clientSent(_ bytes: some Collection<UInt8>) -> Action {
        guard isSprung(by: bytes) else { return .forward }
        switch trap.moment {
        case .beforeForwarding: return .cutNow
        case .afterForwarding: return .forwardThenCut
        case .insteadOfReply: return .forwardThenSwallow
        }
    }

    private mutating func isSprung(by bytes: some Collection<UInt8>) -> Bool {
        switch trap.trigger {
        case .bytes(let limit):
            count += bytes.count
            return count >= limit
        case .message(let marker, let ending):
            let window = tail + Array(bytes)
            // The tail is shorter than either, so nothing is found twice in it.
            if !hasMarker, window.firstRange(of: marker) != nil { hasMarker = true }
            tail = Array(window.suffix(max(marker.count, ending.count) - 1))
            return hasMarker && window.count >= ending.count && window.suffix(ending.count).elementsEqual(ending)
        }
    }
}
