package import Logging
import SaleCore
import SaleService
import Synchronization

/// Which answered requests get a line in the log.
package enum AccessLogSetting: Sendable, Equatable {
    case off
    /// Those that were answered 5xx, or late.
    case errors
    /// Those, and of the others so many in each second.
    case sampled(perSecond: Int)
    case all
}

/// One line for each answered request that is worth it. Names no user and no key.
package final class AccessLog: Sendable {
    private let logger: Logger
    private let setting: AccessLogSetting
    private let room: Mutex<Room>

    /// Lines that may still be written in the present second.
    private struct Room {
        var second = UInt64.max
        var errors = 0
        var others = 0
    }

    package init(_ setting: AccessLogSetting, logger: Logger) {
        self.setting = setting
        self.logger = logger
        room = Mutex(Room())
    }

    /// Whether a request gets its line; to be asked once.
    ///
    /// - Parameter nanoseconds: from its head to its answer.
    func wants(status: Int, nanoseconds: UInt64, at now: MonotonicInstant) -> Bool {
        let isError = status >= 500 || nanoseconds > Limits.accessLogLateNanoseconds
        switch setting {
        case .off: return false
        case .all: return true
        case .errors: return isError && takeRoom(isError: true, at: now, othersMax: 0)
        case .sampled(let perSecond): return takeRoom(isError: isError, at: now, othersMax: perSecond)
        }
    }

    /// A node that refuses everybody must not spend itself on saying so.
    private func takeRoom(isError: Bool, at now: MonotonicInstant, othersMax: Int) -> Bool {
        room.withLock { room in
            let second = now.nanoseconds / 1_000_000_000
            if room.second != second { room = Room(second: second, errors: Limits.accessLogErrorsPerSecondMax, others: othersMax) }
            if isError {
                room.errors -= 1
                return room.errors >= 0
            }
            room.others -= 1
            return room.others >= 0
        }
    }

    func write(_ line: AccessLine) {
        logger.info("\(LogMessage.requestAnswered)", metadata: line.metadata)
    }
}

/// What is told of one request.
struct AccessLine {
    var requestID: RequestID
    var trace: TraceID?
    var method: String
    /// Without the query.
    var path: String
    var status: Int
    /// Of a problem.
    var code: ProblemCode?
    var order: OrderID?
    var nanoseconds: UInt64
    /// Of these, as many as the client was ready to wait for.
    var waitedNanoseconds: UInt64 = 0

    var lateNanoseconds: UInt64 { nanoseconds - min(nanoseconds, waitedNanoseconds) }

    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            LogKey.requestID: "\(requestID)", LogKey.method: "\(method)", LogKey.path: "\(path.prefix(Limits.accessLogPathCharactersMax))",
            LogKey.status: "\(status)", LogKey.microseconds: "\(nanoseconds / 1_000)",
        ]
        if let trace { metadata[LogKey.trace] = "\(trace)" }
        if let code { metadata[LogKey.code] = "\(code.rawValue)" }
        if let order { metadata[LogKey.order] = "\(order)" }
        return metadata
    }
}
