package import SaleService

/// One connection to Postgres: connects when it is first needed and again after it was lost, prepares each statement once.
///
/// Its methods block their own thread. Several of them run without anybody else's in between inside one `perform`.
package actor PostgresSession {
    private let executor: SessionExecutor
    nonisolated package var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let address: PostgresAddress
    private let profile: SessionProfile
    private var handle: PostgresHandle?
    /// Names of the statements that this connection knows.
    private var prepared: Set<String> = []
    /// A lost connection took a transaction along: the next statement must not run on a new one as if nothing had been.
    private var isInTransaction = false

    package init(address: PostgresAddress, profile: SessionProfile) {
        self.executor = SessionExecutor(label: "seckill.postgres")
        self.address = address
        self.profile = profile
    }

    /// Runs `body` on this session's thread, with the session to itself.
    package func perform<Value: Sendable>(
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try body(self)
    }

    /// Runs one statement.
    ///
    /// - Throws: `unavailable` when it was never sent or was rolled back for want of resources or time, `outcomeUnknown` when the connection was lost before the
    ///   answer was complete, `failed` when Postgres answered with any other error.
    package func query<Value>(
        _ statement: Statement, _ parameters: PostgresParameters = PostgresParameters(),
        read: (borrowing PostgresResult) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        preconditionIsolated()
        try connectIfNeeded()
        try prepareIfNeeded(statement)
        let result = try exchange { handle, deadline throws(JournalError) in try handle.execute(statement, parameters, until: deadline) }
        return try read(result)
    }

    /// Runs one statement and returns how many rows it touched.
    @discardableResult
    package func run(_ statement: Statement, _ parameters: PostgresParameters = PostgresParameters()) throws(JournalError) -> Int {
        try query(statement, parameters) { $0.affectedCount }
    }

    /// Runs a text of one or more statements without parameters. A transaction that it leaves open is rolled back.
    package func script(_ sql: String) throws(JournalError) {
        preconditionIsolated()
        try connectIfNeeded()
        do {
            _ = try exchange { handle, deadline throws(JournalError) in try handle.script(sql, until: deadline) }
        } catch {
            rollback()
            throw error
        }
    }

    /// Closes the connection; the next statement opens another one. Locks of the session end with it.
    package func close() {
        preconditionIsolated()
        handle = nil
        prepared.removeAll(keepingCapacity: true)
    }

    // MARK: Transactions

    package enum Isolation: String, Sendable {
        case readCommitted = "BEGIN ISOLATION LEVEL READ COMMITTED"
        case snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    }

    /// Begins a transaction that spans several calls. The caller has the session to itself and ends it with `commit` or `rollback`.
    package func begin(_ isolation: Isolation) throws(JournalError) {
        preconditionIsolated()
        try connectIfNeeded()
        do {
            _ = try exchange { handle, deadline throws(JournalError) in try handle.script(isolation.rawValue, until: deadline) }
        } catch {
            throw error.beforeCommit
        }
        isInTransaction = true
    }

    package func commit() throws(JournalError) {
        preconditionIsolated()
        defer { isInTransaction = false }
        guard handle != nil else { throw .unavailable(reason: "the connection was lost during the transaction") }
        let result = try exchange { handle, deadline throws(JournalError) in try handle.script("COMMIT", until: deadline) }
        // COMMIT of a transaction in which a statement failed is no error: it answers ROLLBACK.
        guard result.commandTag == "COMMIT" else { throw .failed(reason: "the transaction had failed", sqlState: "25P02") }
    }

    /// Ends a transaction, if there is one; a connection that cannot do even that is closed.
    package func rollback() {
        preconditionIsolated()
        isInTransaction = false
        guard handle != nil else { return }
        do {
            _ = try exchange { handle, deadline throws(JournalError) in try handle.script("ROLLBACK", until: deadline) }
        } catch {
            close()
        }
    }

    /// Runs `body` in one transaction; an error rolls it back.
    ///
    /// - Throws: `outcomeUnknown` only when the connection was lost around COMMIT.
    package func transaction<Value>(
        _ isolation: Isolation = .readCommitted, _ body: () throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try begin(isolation)
        let value: Value
        do {
            value = try body()
        } catch {
            rollback()
            throw error.beforeCommit
        }
        try commit()
        return value
    }

    // MARK: Connection

    private func connectIfNeeded() throws(JournalError) {
        if let isUsable = handle?.isUsable {
            if isUsable { return }
            close()
        }
        guard !isInTransaction else { throw .unavailable(reason: "the connection was lost during the transaction") }
        handle = try PostgresHandle.connect(to: address)
        do {
            _ = try exchange { handle, deadline throws(JournalError) in try handle.script(profile.setup, until: deadline) }
        } catch {
            close()
            throw error.beforeCommit
        }
    }

    private func prepareIfNeeded(_ statement: Statement) throws(JournalError) {
        guard !prepared.contains(statement.name) else { return }
        do {
            _ = try exchange { handle, deadline throws(JournalError) in try handle.prepare(statement, until: deadline) }
        } catch {
            throw error.beforeCommit
        }
        prepared.insert(statement.name)
    }

    /// One question and its answer; a connection that was lost, or that reaches a server that may only read, is closed.
    private func exchange(
        _ body: (borrowing PostgresHandle, ContinuousClock.Instant) throws(JournalError) -> PostgresResult
    ) throws(JournalError) -> PostgresResult {
        guard handle != nil else { throw .unavailable(reason: "not connected") }
        let result: PostgresResult
        do {
            result = try body(handle!, .now.advanced(by: .milliseconds(profile.replyMilliseconds)))
        } catch {
            close()
            throw error
        }
        guard result.isError else { return result }
        if result.sqlState == SQLState.readOnlyTransaction { close() }
        throw result.error(address)
    }
}

extension JournalError {
    /// A connection lost before COMMIT was sent takes everything along: Postgres rolls back.
    fileprivate var beforeCommit: JournalError {
        if case .outcomeUnknown(let reason) = self { .unavailable(reason: reason) } else { self }
    }
}
