package import SaleCore
package import SaleService

/// The feed as Postgres holds it. Tells only of what a synchronous standby has, too.
package struct PostgresFeed: EventFeed {
    let sessions: PostgresSessions

    package init(sessions: PostgresSessions) {
        self.sessions = sessions
    }

    package func events(
        after position: EventPosition, countMax: Int, types: Set<EventType>?
    ) async throws(JournalError) -> EventPage {
        try await sessions.confirmed { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.position(position)
            parameters.int64(Int64(countMax))
            parameters.texts(types?.map(\.rawValue).sorted())
            return try session.look(.eventsAfter, parameters) { result throws(JournalError) in
                var page = EventPage(events: [], next: position, isEnd: result.rowCount < countMax)
                for row in 0..<result.rowCount {
                    if let event = try EventRow.read(result, row) { page.events.append(event) }
                }
                if result.rowCount > 0 {
                    page.next = EventRow.position(result, result.rowCount - 1)
                    page.readAt = EventRow.readAt(result, 0)
                }
                return page
            }
        }
    }

    package func firstEntered(
        after position: EventPosition, types: Set<EventType>?
    ) async throws(JournalError) -> (at: Timestamp, readAt: Timestamp)? {
        try await sessions.pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.int64(position.turn)
            parameters.int64(position.row)
            parameters.texts(types?.map(\.rawValue).sorted())
            return try session.query(.firstEntered, parameters) { result in
                result.rowCount == 0 ? nil : (result.timestamp(0, 0), result.timestamp(0, 1))
            }
        }
    }

    package func prune(olderThan age: Duration, countMax: Int) async throws(JournalError) -> Int {
        try await sessions.pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            var failures = PostgresParameters()
            failures.int64(age.milliseconds * 4)
            try session.run(.pruneFailures, failures)
            var parameters = PostgresParameters()
            parameters.int64(age.milliseconds)
            parameters.int64(Int64(countMax))
            return try session.run(.pruneEvents, parameters)
        }
    }
}

extension Duration {
    var milliseconds: Int64 { Int64(nanoseconds / 1_000_000) }
}
