import OperatorAPI

extension OperatorWebhook {
    static func print(_ states: [OperatorWebhook]) {
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

extension OperatorWebhookFailure {
    static func print(_ failures: [OperatorWebhookFailure]) {
        var table = TextTable(("EVENT", .left), ("ATTEMPTS", .right), ("STATE", .left), ("FAILED", .left), ("ERROR", .left))
        for failure in failures {
            table.add(failure.id, "\(failure.attempts)", failure.retried ? "retried" : "given up", failure.failedAt, failure.error)
        }
        table.print()
    }
}
