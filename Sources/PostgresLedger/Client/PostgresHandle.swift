import CLibpq
import Glibc
import SaleService

/// The one owner of a libpq connection. Not safe for two threads at a time
/// (https://www.postgresql.org/docs/15/libpq-threading.html): it lives inside one
/// `PostgresSession`.
@safe
struct PostgresHandle: ~Copyable {
    private let connection: OpaquePointer
    private let address: PostgresAddress
    private let notices = ServerNotices()

    private init(owning connection: OpaquePointer, of address: PostgresAddress) {
        unsafe self.connection = connection
        self.address = address
    }

    deinit {
        unsafe PQfinish(connection)
    }

    /// Connects; blocks for five seconds at most per address of the host, and for two where there
    /// are several hosts.
    static func connect(to host: PostgresHost, of address: PostgresAddress) throws(JournalError) -> PostgresHandle {
        // "Parameters are processed in order": what the operator wrote comes after, and so beats,
        // our own choices; of several hosts this is the one.
        let options =
            defaults(isOneOfSeveral: address.hosts.count > 1) + (host.isUnnamed ? unnamedDefaults : []) + [("dbname", address.conninfo)]
            + host.options.map { ($0.keyword, $0.value) }
        let connection = unsafe CStrings(options.map(\.0)).withPointers { keywords in
            unsafe CStrings(options.map(\.1)).withPointers { values in unsafe PQconnectdbParams(keywords, values, 1) }
        }
        guard let connection = unsafe connection else { throw .unavailable(reason: "out of memory") }
        // PQconnectdb makes a connection also when it fails, which must be freed as well.
        let handle = unsafe PostgresHandle(owning: connection, of: address)
        guard unsafe PQstatus(connection) == CONNECTION_OK else { throw .unavailable(reason: handle.lastMessage) }
        unsafe handle.notices.listen(on: connection)
        guard unsafe PQsetnonblocking(connection, 1) == 0 else { throw .unavailable(reason: handle.lastMessage) }
        return handle
    }

    /// A dead peer is noticed after about half a minute, also while nothing is sent.
    ///
    /// - Parameter isOneOfSeveral: another one may be the primary by now: a host that is gone must
    ///   not hold up the way to it. libpq takes no less than two seconds.
    private static func defaults(isOneOfSeveral: Bool) -> [(String, String)] {
        [
            ("connect_timeout", isOneOfSeveral ? "2" : "5"), ("keepalives", "1"), ("keepalives_idle", "15"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "20000"), ("client_encoding", "UTF8"), ("fallback_application_name", "seckill"),
        ]
    }
    /// Where libpq finds the hosts by itself, it passes over standbys as we do.
    private static let unnamedDefaults = [("target_session_attrs", "read-write")]

    /// The process that serves this connection, as the server said when it was opened. A pooler
    /// between us says something of its own.
    var process: Int32 { unsafe PQbackendPID(connection) }

    /// What libpq last complained of, on one line, without our passwords.
    var lastMessage: String {
        let message = unsafe String(cString: PQerrorMessage(connection))
        return address.redacted(message).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// `false` once the server has closed its end. Reads what waits in the socket, so that an idle
    /// connection that was cut is found before anything is sent on it: first comes the server's
    /// farewell, and only then the end.
    var isUsable: Bool {
        while unsafe PQstatus(connection) == CONNECTION_OK {
            var descriptor = unsafe pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&descriptor, 1, 0) > 0 else { return true }
            guard unsafe PQconsumeInput(connection) == 1 else { return false }
        }
        return false
    }

    func prepare(_ statement: Statement, until deadline: ContinuousClock.Instant) throws(JournalError) -> PostgresResult {
        try unsafe exchange(until: deadline) { unsafe PQsendPrepare($0, statement.name, statement.sql, 0, nil) }
    }

    /// Runs a prepared statement; its rows come in binary.
    func execute(
        _ statement: Statement, _ parameters: PostgresParameters, until deadline: ContinuousClock.Instant
    ) throws(JournalError) -> PostgresResult {
        try unsafe exchange(until: deadline) { connection in
            unsafe parameters.withPointers { count, values, lengths, formats in
                unsafe PQsendQueryPrepared(connection, statement.name, count, values, lengths, formats, 1)
            }
        }
    }

    /// Runs prepared statements one after the other, sent as one message and, outside of a
    /// transaction, as one of their own: an error undoes them all, and what comes after it is not
    /// run. The answer is the first error, or else that of the last statement that answers with
    /// rows.
    func pipeline(_ calls: [PreparedCall], until deadline: ContinuousClock.Instant) throws(JournalError) -> PostgresResult {
        guard unsafe PQenterPipelineMode(connection) == 1 else { throw .outcomeUnknown(reason: lastMessage) }
        let answer = try unsafe exchange(until: deadline) { connection in
            for call in calls {
                let isSent = unsafe call.parameters.withPointers { count, values, lengths, formats in
                    unsafe PQsendQueryPrepared(connection, call.statement.name, count, values, lengths, formats, 1)
                }
                guard isSent == 1 else { return 0 }
            }
            return unsafe PQpipelineSync(connection)
        }
        guard unsafe PQexitPipelineMode(connection) == 1 else { throw .outcomeUnknown(reason: lastMessage) }
        return answer
    }

    /// Runs one or more statements without parameters; the answer is the first error, or else the
    /// last result.
    func script(_ sql: String, until deadline: ContinuousClock.Instant) throws(JournalError) -> PostgresResult {
        try unsafe exchange(until: deadline) { unsafe PQsendQuery($0, sql) }
    }

    /// Sends and waits until Postgres is ready for the next query.
    ///
    /// - Throws: `outcomeUnknown` only, and then the handle is of no more use. An error that
    ///   Postgres answered with is a result.
    private func exchange(
        until deadline: ContinuousClock.Instant, send: (OpaquePointer) -> Int32
    ) throws(JournalError) -> PostgresResult {
        _ = notices.takeWarning()
        guard unsafe send(connection) == 1 else { throw .outcomeUnknown(reason: lastMessage) }
        while true {
            let unsent = unsafe PQflush(connection)
            if unsent == 0 { break }
            guard unsent == 1 else { throw .outcomeUnknown(reason: lastMessage) }
            // "wait for the socket to become read- or write-ready": a server that cannot send may
            // not read either.
            if try wait(for: POLLIN | POLLOUT, until: deadline) & POLLIN != 0 { try consumeInput() }
        }
        let answer = try receive(until: deadline)
        // The rows of a statement may arrive before its commit: only a connection that got as far
        // as ReadyForQuery has an outcome.
        guard unsafe PQstatus(connection) == CONNECTION_OK else { throw .outcomeUnknown(reason: lastMessage) }
        guard let answer else { throw .outcomeUnknown(reason: "Postgres gave no answer") }
        if !answer.isError, let warning = notices.takeWarning() { throw .outcomeUnknown(reason: address.redacted(warning)) }
        return answer
    }

    /// - Returns: the first error, or else the last result; `nil` when there was none.
    private func receive(until deadline: ContinuousClock.Instant) throws(JournalError) -> PostgresResult? {
        let isPipeline = unsafe PQpipelineStatus(connection) != PQ_PIPELINE_OFF
        var answer: PostgresResult?
        var isBetweenStatements = false
        while true {
            while unsafe PQisBusy(connection) == 1 {
                _ = try wait(for: POLLIN, until: deadline)
                try consumeInput()
            }
            guard let next = unsafe PQgetResult(connection) else {
                // In a pipeline each statement's results end so, and the last end is the sync's. A
                // connection that was lost has nothing but ends.
                guard isPipeline, !isBetweenStatements else { return answer }
                isBetweenStatements = true
                continue
            }
            isBetweenStatements = false
            let result = unsafe PostgresResult(owning: next)
            if result.isPipelineSync { return answer }
            if answer?.isError == true { continue }
            if !isPipeline || result.isError || result.columnCount > 0 || answer == nil { answer = consume result }
        }
    }

    private func consumeInput() throws(JournalError) {
        guard unsafe PQconsumeInput(connection) == 1 else { throw .outcomeUnknown(reason: lastMessage) }
    }

    /// - Returns: what the socket is ready for.
    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) throws(JournalError) -> Int32 {
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else {
                unsafe CancelRequest(for: connection)?.send()
                throw .outcomeUnknown(reason: "no answer in time")
            }
            let milliseconds = Int32(clamping: left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000 + 1)
            var descriptor = unsafe pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0)
            if unsafe poll(&descriptor, 1, milliseconds) > 0 {
                // A closed socket is readable: reading it tells why.
                return Int32(descriptor.revents) & ~events == 0 ? Int32(descriptor.revents) : POLLIN
            }
        }
    }
}
