package import SaleService

/// One connection to Postgres: connects when it is first needed and again after it was lost,
/// prepares each statement once.
///
/// Its methods block their own thread. Several of them run without anybody else's in between inside
/// one `perform`.
package actor PostgresSession {
    private let executor: SessionExecutor
    nonisolated package var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    nonisolated var taskExecutor: any TaskExecutor { executor }

    private let address: PostgresAddress
    private var profile: SessionProfile
    private var handle: PostgresHandle?
    /// Of the server that `handle` reaches.
    private var timeline: LedgerTimeline?
    /// Where rows were seen that a synchronous standby may not have, since it was last taken.
    private var sight: LedgerTimeline?
    /// Names of the statements that this connection knows.
    private var prepared: Set<String> = []
    /// A lost connection took a transaction along: the next statement must not run on a new one as
    /// if nothing had been.
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

    /// As `perform`, and tells whether what it answers must be confirmed before anybody hears of
    /// it.
    package func observe<Value: Sendable>(
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) throws(JournalError) -> Observed<Value> {
        sight = nil
        return Observed(value: try body(self), sight: sight)
    }

    /// Works under `profile` from now on.
    func adopt(_ profile: SessionProfile) throws(JournalError) {
        preconditionIsolated()
        guard profile != self.profile else { return }
        self.profile = profile
        guard handle != nil else { return }
        do {
            _ = try exchange { handle, deadline throws(JournalError) in try handle.script(profile.setup, until: deadline) }
        } catch {
            close()
            throw error.beforeCommit
        }
    }

    /// Runs `body` on this session's thread, without a task.
    nonisolated func enqueue(_ body: @escaping @Sendable (isolated PostgresSession) -> Void) {
        executor.run { self.assumeIsolated(body) }
    }

    /// Runs a statement that reads orders, with `Statement.awaitsStandby` as its last column.
    ///
    /// A row may be there that no standby has: its own COMMIT was still waiting when the server was
    /// restarted. Reading it writes nothing, and so waits for nothing.
    func look<Value>(
        _ statement: Statement, _ parameters: PostgresParameters, read: (borrowing PostgresResult) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try query(statement, parameters) { result throws(JournalError) in
            if result.rowCount > 0, result.bool(0, result.columnCount - 1) { sight = timeline }
            return try read(result)
        }
    }

    /// Writes nothing but a record of its own into the WAL, and returns when it is where
    /// `synchronous_standby_names` wants it, and with it all that came before.
    ///
    /// - Returns: of which server.
    func awaitStandby() throws(JournalError) -> LedgerTimeline {
        try run(.awaitStandby)
        guard let timeline else { throw .unavailable(reason: "not connected") }
        return timeline
    }

    /// Runs one statement.
    ///
    /// - Throws: `unavailable` when it was never sent or was rolled back for want of resources or
    ///   time, `outcomeUnknown` when the connection was lost before the answer was complete,
    ///   `failed` when Postgres answered with any other error.
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

    /// Runs statements one after the other as one transaction, with one message there and one back.
    /// An error undoes them all, and what comes after it is not run.
    ///
    /// - Parameter read: gets what the last one answered that has rows.
    /// - Throws: as `query`. The time that a statement may take is each one's.
    package func pipeline<Value>(
        _ calls: [PreparedCall], read: (borrowing PostgresResult) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        preconditionIsolated()
        try connectIfNeeded()
        for call in calls { try prepareIfNeeded(call.statement) }
        let result = try exchange { handle, deadline throws(JournalError) in try handle.pipeline(calls, until: deadline) }
        return try read(result)
    }

    /// Runs one statement and returns how many rows it touched.
    @discardableResult
    package func run(_ statement: Statement, _ parameters: PostgresParameters = PostgresParameters()) throws(JournalError) -> Int {
        try query(statement, parameters) { $0.affectedCount }
    }

    /// Runs a text of one or more statements without parameters. A transaction that it leaves open
    /// is rolled back.
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

    /// Runs `sql` as it is, without preparing it, and returns the first value of its first row as
    /// text.
    func text(of sql: String) throws(JournalError) -> String {
        preconditionIsolated()
        try connectIfNeeded()
        return try ask({ result in result.rowCount > 0 ? result.text(0, 0) : "" }) { handle, deadline throws(JournalError) in
            try handle.script(sql, until: deadline)
        }
    }

    /// Whether something between us and Postgres speaks for it.
    func isPooled() throws(JournalError) -> Bool {
        let process = try text(of: PoolerProbe.process)
        return handle?.process != Int32(process)
    }

    /// Closes the connection; the next statement opens another one. Locks of the session end with
    /// it.
    package func close() {
        preconditionIsolated()
        handle = nil
        timeline = nil
        prepared.removeAll(keepingCapacity: true)
    }

    // MARK: Transactions

    package enum Isolation: String, Sendable {
        case readCommitted = "BEGIN ISOLATION LEVEL READ COMMITTED"
        case snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    }

    /// Begins a transaction that spans several calls. The caller has the session to itself and ends
    /// it with `commit` or `rollback`.
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
            let successor = timeline.flatMap { PostgresTimelines.seen.successor(of: $0) }
            if isUsable, successor == nil { return }
            close()
        }
        guard !isInTransaction else { throw .unavailable(reason: "the connection was lost during the transaction") }
        var failures: [String] = []
        for host in address.hosts {
            do throws(JournalError) {
                return try connect(to: host)
            } catch {
                close()
                guard address.hosts.count > 1 else { throw error.beforeCommit }
                failures.append("\(host): \(error)")
            }
        }
        throw .unavailable(reason: failures.joined(separator: "; "))
    }

    /// The operator's hosts are tried one by one, and not by libpq: it would take the first that
    /// takes writes, and an old primary that comes back does.
    private func connect(to host: PostgresHost) throws(JournalError) {
        handle = try PostgresHandle.connect(to: host, of: address)
        let setup = profile.setup + ";\n" + PostgresStanding.query
        let standing = try ask(PostgresStanding.init(text:)) { handle, deadline throws(JournalError) in try handle.script(setup, until: deadline) }
        try standing.requirePrimary(beside: .seen)
        timeline = standing.timeline
        if let timeline { PostgresTimelines.seen.note(timeline) }
        StoreMetrics.postgresConnected()
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

    private func ask<Value>(
        _ read: (borrowing PostgresResult) throws(JournalError) -> Value,
        _ body: (borrowing PostgresHandle, ContinuousClock.Instant) throws(JournalError) -> PostgresResult
    ) throws(JournalError) -> Value {
        let result = try exchange(body)
        return try read(result)
    }

    /// One question and its answer; a connection that was lost, or that reaches a server that may
    /// only read, is closed.
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
