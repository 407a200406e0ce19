import OperatorAPI

/// Webhooks' endpoints as a list.
extension OperatorWebhook: Listed {
    static var plural: String { "webhooks" }
    static var columns: [Column<OperatorWebhook>] {
        [
            Column("endpoint", isFlexible: true) { $0.endpoint },
            Column("state") { $0.state },
            Column("node", isFlexible: true, data: { $0.node }) { $0.node.isEmpty ? "-" : $0.node },
            Column("cursor", isWide: true) { $0.cursor },
            Column("lag_seconds", "LAG", .right, data: { String($0.lagSeconds) }) { "\(Int($0.lagSeconds.rounded())) s" },
            Column("retrying", .none, .right) { String($0.retrying) },
            Column("given_up", .none, .right) { String($0.givenUp) },
            Column("last_error", isFlexible: true, data: { $0.lastError }) { $0.lastError.isEmpty ? "-" : $0.lastError },
        ]
    }

    var name: String { endpoint }

    private var state: String { stopped ? "stopped" : node.isEmpty ? "not served" : lastError.isEmpty ? "served" : "failing" }
}

/// The events that an endpoint did not take, as a list.
extension OperatorWebhookFailure: Listed {
    static var plural: String { "failures" }
    static var columns: [Column<OperatorWebhookFailure>] {
        [
            Column("id", "EVENT") { $0.id },
            Column("attempts", .none, .right) { String($0.attempts) },
            Column("state") { $0.retried ? "retried" : "given up" },
            Column("failed_at", "FAILED", isWide: true) { $0.failedAt },
            Column("error", isFlexible: true) { $0.error },
        ]
    }

    var name: String { id }
}
