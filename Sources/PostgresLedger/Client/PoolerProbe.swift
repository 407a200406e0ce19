import SaleService

/// Finds a pooler that gives a client another session of Postgres for each transaction, as
/// PgBouncer does with `pool_mode = transaction`. Statements that a connection has prepared, its
/// settings and its locks are then another connection's.
struct PoolerProbe {
    static let process = "SELECT pg_backend_pid()"

    private let first: PostgresSession
    private let second: PostgresSession

    init(address: PostgresAddress) {
        first = PostgresSession(address: address, profile: .probe)
        second = PostgresSession(address: address, profile: .probe)
    }

    /// Two connections take turns. With a session each, either keeps its process, and never has the
    /// other's.
    func sharesSessions() async -> Bool {
        defer { ended() }
        guard let one = await ask(first, Self.process), let other = await ask(second, Self.process) else { return false }
        if one == other { return true }
        // A pooler by statement refuses this.
        guard await ask(second, "BEGIN") != nil, let held = await ask(second, Self.process) else { return true }
        let again = await ask(first, Self.process)
        return held != other || again != one
    }

    private func ask(_ session: PostgresSession, _ sql: String) async -> String? {
        try? await session.perform { (session: isolated PostgresSession) throws(JournalError) in try session.text(of: sql) }
    }

    private func ended() {
        for session in [first, second] { session.enqueue { $0.close() } }
    }
}
