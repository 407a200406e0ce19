import HTTPFront
import SaleCore
import SaleService

/// How an operation's refusal is told over HTTP.
enum OperatorProblem {
    static func translating<Value>(_ operation: () async throws -> Value) async throws -> Value {
        do {
            return try await operation()
        } catch let error as OperatorCommandError {
            throw problem(for: error)
        }
    }

    private static func problem(for error: OperatorCommandError) -> any Error {
        switch error {
        case .invalid(let violations): Problem(invalid: Array(violations.prefix(BodyProblem.violationsMax)))
        case .notFound(let text): Problem(code(ofMissing: text), detail: sentence(text))
        case .unknownSale(let sale): Problem(.unknownSale, detail: "There is no sale \(sale).")
        case .unknownItem(let sku, let sale): Problem(.unknownSKU, detail: "Sale \(sale.id) has no item \(sku).")
        case .conflict(let text): Problem(.conflict, detail: sentence(text))
        case .stale(_, let version): stale(version)
        // The middleware says that a store is away, and tells the log why.
        case .postgres(let error): error
        case .redis(let error): error
        case .redisIsBehind:
            Problem(
                .recovering, detail: "The change stands in Postgres, but Redis was not told. The service tells it as soon as it can.",
                retryAfterSeconds: 1
            )
        case .failed(let text): OperationFailed(reason: text)
        }
    }

    private static func stale(_ version: Int64?) -> Problem {
        guard let version else { return Problem(.unknownSale) }
        var problem = Problem(.preconditionFailed, detail: "The sale is in version \(version).", extras: [.version(version)])
        problem.entityTag = "\"\(version)\""
        return problem
    }

    /// The operations say what is missing in a sentence alone.
    private static func code(ofMissing text: String) -> ProblemCode {
        text.contains(" item ") ? .unknownSKU : text.contains(" order ") ? .unknownOrder : .unknownSale
    }

    private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }
}

struct OperationFailed: Error {
    var reason: String
}
