import Foundation
import Logging
import OperatorAPI
import SaleCore
import SaleService
import Synchronization

/// The operators' file, read again once it has changed: whoever was taken off it is out within
/// seconds. A new one that cannot be used changes nothing, and is told of once.
final class OperatorsFile: Sendable {
    /// Tells one version of the file from another.
    private struct Version: Equatable {
        var numberAndSize: [String]
        var changedAt: Date?

        /// Of a file that is not there, nothing is known.
        init(path: String) {
            let attributes = (try? FileManager.default.attributesOfItem(atPath: path)) ?? [:]
            numberAndSize = [FileAttributeKey.systemFileNumber, .size].map { "\(attributes[$0] ?? "")" }
            changedAt = attributes[.modificationDate] as? Date
        }
    }

    private struct State {
        var operators: OperatorList
        var version: Version
        var lookedAt: MonotonicInstant
    }

    private let path: String
    private let logger: Logger
    private let now: @Sendable () -> MonotonicInstant
    private let state: Mutex<State>

    /// - Throws: `StartError.setting` for a file that cannot be used, and names its line.
    init(path: String, logger: Logger, now: @escaping @Sendable () -> MonotonicInstant = monotonicNow) throws(StartError) {
        self.path = path
        self.logger = logger
        self.now = now
        // Before it is read: what is written meanwhile is read the next time.
        let version = Version(path: path)
        do throws(SettingsError) {
            state = Mutex(State(operators: try Self.read(path), version: version, lookedAt: now()))
        } catch {
            throw .setting(error)
        }
    }

    /// Those of the newest file that could be used.
    var operators: OperatorList {
        let now = now()
        return state.withLock { state in
            guard state.lookedAt.duration(to: now) >= Limits.operatorsFileLook.nanoseconds else { return state.operators }
            state.lookedAt = now
            let version = Version(path: path)
            guard version != state.version else { return state.operators }
            state.version = version
            do throws(SettingsError) {
                state.operators = try Self.read(path)
                logger.notice("the operators' file was read again", metadata: [LogKey.path: "\(path)"])
            } catch {
                logger.error("the operators stay those of before: the new file cannot be used", metadata: [LogKey.error: "\(error)"])
            }
            return state.operators
        }
    }

    private static func read(_ path: String) throws(SettingsError) -> OperatorList {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingsError("SECKILL_OPERATORS_FILE cannot be read: \(path)")
        }
        do {
            return try OperatorList(text)
        } catch {
            throw SettingsError("SECKILL_OPERATORS_FILE (\(path)), \(error)")
        }
    }
}
