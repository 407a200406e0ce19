import PrivateServers
import SaleCore
import SaleService
import ServerAssembly

/// How a command ends. Scripts rely on the numbers.
enum ExitStatus: Int32 {
    case success = 0
    case failure = 1
    case usage = 2
    case notFound = 3
    case conflict = 4
    case authentication = 5
    case unavailable = 6
    case checkFailed = 7
    case interrupted = 130
}

/// Why a command ends without success, for a person.
struct CommandFailure: Error {
    let status: ExitStatus
    /// One line per thing that is wrong; empty when everything has been said.
    let message: String

    init(_ status: ExitStatus, _ message: String = "") {
        self.status = status
        self.message = message
    }

    /// - Parameter file: the file that the operator gave, if the command takes one.
    init(_ error: any Error, settings: Settings? = nil, file: String? = nil) {
        let redis = settings.map { "Redis (\($0.redisEndpoint))" } ?? "Redis"
        let postgres = settings.map { "Postgres (\($0.databaseEndpoint))" } ?? "Postgres"
        switch error {
        case let error as CommandFailure: self = error
        case let error as InvalidInput: self.init(.usage, Self.lines(error.violations, file: file))
        case let error as SettingsError: self.init(.usage, error.description)
        case let error as PrivateServerError: self.init(error.reason == .portInUse ? .conflict : .failure, error.description)
        case StartError.setting(let error): self.init(.usage, error.description)
        case StartError.unavailable(let text): self.init(text.contains("authentication failed") ? .authentication : .unavailable, text)
        case StartError.denied(let text): self.init(.authentication, text)
        case StartError.listen(let text): self.init(.conflict, text)
        case OperatorCommandError.invalid(let violations): self.init(.usage, Self.lines(violations, file: file))
        case OperatorCommandError.notFound(let text): self.init(.notFound, text)
        case OperatorCommandError.unknownSale(let sale): self.init(.notFound, "there is no sale \(sale)")
        case OperatorCommandError.unknownItem(let sku, let sale): self.init(.notFound, "sale \(sale.id) has no item \(sku)")
        case OperatorCommandError.conflict(let text): self.init(.conflict, text)
        case OperatorCommandError.stale(let sale, let version):
            self.init(.conflict, version.map { "sale \(sale) was changed meanwhile; its version is \($0) now" } ?? "there is no sale \(sale)")
        case OperatorCommandError.postgres(let error): self.init(error, named: postgres)
        case OperatorCommandError.redis(let error): self.init(error, named: redis)
        case OperatorCommandError.redisIsBehind(let reason):
            self.init(
                .unavailable,
                "the change stands in Postgres, but \(redis) was not told: \(reason); the service will tell it, and so will the same command, given again"
            )
        case OperatorCommandError.failed(let text): self.init(.failure, text)
        case let error as JournalError: self.init(error, named: postgres)
        case let error as StoreError: self.init(error, named: redis)
        case is CancellationError: self.init(.interrupted)
        default: self.init(.failure, "\(error)")
        }
    }

    private init(_ error: JournalError, named postgres: String) {
        switch error {
        case .failed(_, let sqlState) where sqlState.hasPrefix("28"): self.init(.authentication, "\(postgres) refuses us: \(error)")
        case .failed(_, "42P01"), .failed(_, "3F000"):
            self.init(.failure, "\(postgres) has no tables of ours, or old ones: \(error); run: seckill migrate")
        case .failed: self.init(.failure, "\(postgres) answered with an error: \(error)")
        case .unavailable(let reason) where reason.contains("authentication failed"): self.init(.authentication, "\(postgres) refuses us: \(error)")
        case .unavailable, .outcomeUnknown: self.init(.unavailable, "\(postgres) is unavailable: \(error)")
        }
    }

    private init(_ error: StoreError, named redis: String) {
        switch error {
        case _ where error.isAccessDenied: self.init(.authentication, "\(redis) refuses us: \(error)")
        case .refused: self.init(.failure, "\(redis) answered with an error: \(error)")
        case .notSent, .outcomeUnknown, .scriptMissing: self.init(.unavailable, "\(redis) is unavailable: \(error)")
        }
    }

    private static func lines(_ violations: [Violation], file: String?) -> String {
        violations.map { (file.map { "\($0): " } ?? "") + $0.description }.joined(separator: "\n")
    }
}
