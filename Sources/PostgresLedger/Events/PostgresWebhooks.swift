import SaleCore
package import SaleService

/// Where senders remember how far they got.
package struct PostgresWebhooks: WebhookLedger {
    let sessions: PostgresSessions

    package init(sessions: PostgresSessions) {
        self.sessions = sessions
    }

    private func perform<Value: Sendable>(
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try await sessions.pool.perform(body)
    }

    package func name(_ endpoints: [String]) async throws(JournalError) {
        _ = try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.texts(endpoints) { $0 }
            return try session.run(.nameWebhooks, parameters)
        }
    }

    package func claim(
        _ endpoints: [String], by holder: String, for lease: Duration
    ) async throws(JournalError) -> [String: EventPosition] {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.texts(endpoints) { $0 }
            parameters.text(holder)
            parameters.int64(lease.milliseconds)
            return try session.query(.claimWebhooks, parameters) { result in
                (0..<result.rowCount).reduce(into: [:]) { $0[result.text($1, 0)] = Self.position(result, $1, from: 1) }
            }
        }
    }

    package func letGo(of endpoint: String, by holder: String) async throws(JournalError) {
        _ = try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(endpoint)
            parameters.text(holder)
            return try session.run(.letGoOfWebhook, parameters)
        }
    }

    package func save(_ progress: WebhookProgress, of endpoint: String, by holder: String) async throws(JournalError) -> Bool {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            try session.transaction { () throws(JournalError) in
                var cursor = PostgresParameters()
                cursor.text(endpoint)
                cursor.text(holder)
                cursor.position(progress.position)
                cursor.text(progress.lastError)
                guard try session.run(.saveWebhook, cursor) == 1 else { return false }
                if !progress.failed.isEmpty { try session.run(.keepFailures, Self.failed(progress.failed, of: endpoint)) }
                if !progress.settled.isEmpty {
                    var settled = PostgresParameters()
                    settled.text(endpoint)
                    settled.positions(progress.settled)
                    try session.run(.settleFailures, settled)
                }
                return true
            }
        }
    }

    private static func failed(_ failures: [WebhookFailure], of endpoint: String) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.text(endpoint)
        parameters.positions(failures.map(\.position))
        parameters.int32s(failures) { Int32(clamping: $0.attempts) }
        parameters.texts(failures) { $0.wait.map { "\($0.milliseconds)" } }
        parameters.texts(failures, \.error)
        return parameters
    }

    package func dueFailures(of endpoint: String, by holder: String, countMax: Int) async throws(JournalError) -> [WebhookRetry]? {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(endpoint)
            parameters.text(holder)
            parameters.int64(Int64(countMax))
            let found = try session.query(.dueFailures, parameters) { result -> [EventPosition: Int]? in
                guard result.rowCount > 0 else { return nil }
                return (0..<result.rowCount).filter { !result.isNull($0, 0) }
                    .reduce(into: [:]) { $0[Self.position(result, $1, from: 0)] = Int(result.int32($1, 3)) }
            }
            guard let attempts = found, !attempts.isEmpty else { return found.map { _ in [] } }
            var positions = PostgresParameters()
            positions.positions(attempts.keys.sorted())
            return try session.query(.eventsAt, positions) { result throws(JournalError) in
                var retries: [WebhookRetry] = []
                for row in 0..<result.rowCount {
                    guard let event = try EventRow.read(result, row) else { continue }
                    retries.append(WebhookRetry(event: event, attempts: attempts[event.position] ?? 0))
                }
                return retries
            }
        }
    }

    package func failures(of endpoint: String, behind position: EventPosition) async throws(JournalError) -> Set<EventPosition> {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(endpoint)
            parameters.position(position)
            return try session.query(.failuresBehind, parameters) { result in Set((0..<result.rowCount).map { Self.position(result, $0, from: 0) }) }
        }
    }

    package func stop(_ endpoint: String, because reason: String) async throws(JournalError) {
        _ = try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(endpoint)
            parameters.text(reason)
            return try session.run(.stopWebhook, parameters)
        }
    }

    static func position(_ result: borrowing PostgresResult, _ row: Int, from column: Int32) -> EventPosition {
        EventPosition(turn: result.int64(row, column), row: result.int64(row, column + 1), part: result.int32(row, column + 2))
    }
}

extension PostgresWebhooks: WebhookOperations {
    package func states() async throws(JournalError) -> [WebhookState] {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            try session.query(.webhookStates) { result in
                (0..<result.rowCount).map { row in
                    WebhookState(
                        endpoint: result.text(row, 0), position: Self.position(result, row, from: 1), holder: result.text(row, 4),
                        isStopped: result.bool(row, 5), lastError: result.text(row, 6), lag: .milliseconds(result.int64(row, 7)),
                        failuresRetried: result.int64(row, 8), failuresGivenUp: result.int64(row, 9))
                }
            }
        }
    }

    package func failures(of endpoint: String, countMax: Int) async throws(JournalError) -> [WebhookFailureReport] {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(endpoint)
            parameters.int64(Int64(countMax))
            return try session.query(.failuresOfWebhook, parameters) { result in
                (0..<result.rowCount).map { row in
                    WebhookFailureReport(
                        position: Self.position(result, row, from: 0), attempts: Int(result.int32(row, 3)), isRetried: result.bool(row, 4),
                        failedAt: result.timestamp(row, 5), error: result.text(row, 6))
                }
            }
        }
    }

    package func replay(_ position: EventPosition?, of endpoint: String) async throws(JournalError) -> Int {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            try session.run(.replayFailures, Self.failures(at: position, of: endpoint))
        }
    }

    package func skip(_ position: EventPosition?, of endpoint: String) async throws(JournalError) -> Int {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            try session.run(.skipFailures, Self.failures(at: position, of: endpoint))
        }
    }

    package func resume(_ endpoint: String) async throws(JournalError) -> Bool {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(endpoint)
            return try session.run(.resumeWebhook, parameters) == 1
        }
    }

    private static func failures(at position: EventPosition?, of endpoint: String) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.text(endpoint)
        parameters.int64(position?.turn)
        parameters.int64(position?.row)
        parameters.int32(position?.part)
        return parameters
    }
}
