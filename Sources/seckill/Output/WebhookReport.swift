import SaleCore
import SaleService

/// An endpoint as operators see it.
struct WebhookReport: Listed {
    private enum CodingKeys: String, CodingKey {
        case endpoint, cursor, node, stopped
        case lagSeconds = "lag_seconds"
        case retrying
        case givenUp = "given_up"
        case lastError = "last_error"
    }

    static let plural = "webhooks"
    static var columns: [Column<WebhookReport>] {
        [
            Column("endpoint", isFlexible: true) { $0.endpoint },
            Column("state") { $0.state },
            Column("node", isFlexible: true, data: { $0.node }) { $0.node.isEmpty ? "-" : $0.node },
            Column("cursor", isWide: true) { $0.cursor },
            Column("lag_seconds", "LAG", .right, data: { String($0.lagSeconds) }) { "\(Int($0.lagSeconds.rounded())) s" },
            Column("retrying", .none, .right) { String($0.retrying) },
            Column("given_up", .none, .right) { String($0.givenUp) },
            Column("last_error", isWide: true, isFlexible: true, data: { $0.lastError }) { $0.lastError.isEmpty ? "-" : $0.lastError },
        ]
    }

    var name: String { endpoint }

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

    private var state: String { stopped ? "stopped" : node.isEmpty ? "not served" : "served" }
}

/// An event that an endpoint did not take.
struct WebhookFailureLine: Listed {
    private enum CodingKeys: String, CodingKey {
        case id, attempts, retried, error
        case failedAt = "failed_at"
    }

    static let plural = "failures"
    static var columns: [Column<WebhookFailureLine>] {
        [
            Column("id", "EVENT") { $0.id },
            Column("attempts", .none, .right) { String($0.attempts) },
            Column("state") { $0.retried ? "retried" : "given up" },
            Column("failed_at", "FAILED", isWide: true) { $0.failedAt },
            Column("error", isFlexible: true) { $0.error },
        ]
    }

    var name: String { id }

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
}
