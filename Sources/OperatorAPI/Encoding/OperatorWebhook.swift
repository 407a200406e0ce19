import SaleCore
package import SaleService

/// An endpoint as operators see it.
package struct OperatorWebhook: Encodable, Sendable {
    private enum CodingKeys: String, CodingKey {
        case endpoint, cursor, node, stopped
        case lagSeconds = "lag_seconds"
        case retrying
        case givenUp = "given_up"
        case lastError = "last_error"
    }

    package let endpoint: String
    package let cursor: String
    package let node: String
    package let stopped: Bool
    package let lagSeconds: Double
    package let retrying: Int64
    package let givenUp: Int64
    package let lastError: String

    package init(_ state: WebhookState) {
        endpoint = state.endpoint
        cursor = "\(state.position)"
        node = state.holder
        stopped = state.isStopped
        lagSeconds = state.lag / .seconds(1)
        retrying = state.failuresRetried
        givenUp = state.failuresGivenUp
        lastError = state.lastError
    }
}

/// An event that an endpoint did not take.
package struct OperatorWebhookFailure: Encodable, Sendable {
    private enum CodingKeys: String, CodingKey {
        case id, attempts, retried, error
        case failedAt = "failed_at"
    }

    package let id: String
    package let attempts: Int
    package let retried: Bool
    package let failedAt: String
    package let error: String

    package init(_ failure: WebhookFailureReport) {
        id = failure.position.eventID
        attempts = failure.attempts
        retried = failure.isRetried
        failedAt = "\(failure.failedAt)"
        error = failure.error
    }
}
