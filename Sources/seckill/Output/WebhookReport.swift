import SaleCore
import SaleService

/// An endpoint as operators see it.
struct WebhookReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case endpoint, cursor, node, stopped
        case lagSeconds = "lag_seconds"
        case retrying
        case givenUp = "given_up"
        case lastError = "last_error"
    }

    let endpoint: String
    let cursor: String
    let node: String
    let stopped: Bool
    let lagSeconds: Double
    let retrying: Int64
    let givenUp: Int64
    let lastError: String

    init(_ state: WebhookState) {
        endpoint = state.endpoint
        cursor = "\(state.position)"
        node = state.holder
        stopped = state.isStopped
        lagSeconds = state.lag / .seconds(1)
        retrying = state.failuresRetried
        givenUp = state.failuresGivenUp
        lastError = state.lastError
    }

    static func print(_ states: [WebhookReport]) {
        var table = TextTable(
            ("ENDPOINT", .left), ("STATE", .left), ("NODE", .left), ("LAG", .right), ("RETRYING", .right), ("GIVEN UP", .right), ("LAST ERROR", .left)
        )
        for state in states {
            table.add(
                state.endpoint, state.stopped ? "stopped" : state.node.isEmpty ? "not served" : "served", state.node.isEmpty ? "-" : state.node,
                "\(Int(state.lagSeconds.rounded())) s", "\(state.retrying)", "\(state.givenUp)", state.lastError.isEmpty ? "-" : state.lastError)
        }
        table.print()
    }
}

/// An event that an endpoint did not take.
struct WebhookFailureLine: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, attempts, retried, error
        case failedAt = "failed_at"
    }

    let id: String
    let attempts: Int
    let retried: Bool
    let failedAt: String
    let error: String

    init(_ failure: WebhookFailureReport) {
        id = failure.position.eventID
        attempts = failure.attempts
        retried = failure.isRetried
        failedAt = "\(failure.failedAt)"
        error = failure.error
    }

    static func print(_ failures: [WebhookFailureLine]) {
        var table = TextTable(("EVENT", .left), ("ATTEMPTS", .right), ("STATE", .left), ("FAILED", .left), ("ERROR", .left))
        for failure in failures {
            table.add(failure.id, "\(failure.attempts)", failure.retried ? "retried" : "given up", failure.failedAt, failure.error)
        }
        table.print()
    }
}
