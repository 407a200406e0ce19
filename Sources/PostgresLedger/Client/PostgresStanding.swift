import SaleService

/// What a server is when a session reaches it, and whether it may be worked with.
struct PostgresStanding: Sendable, Equatable {
    var isStandby: Bool
    var isReadOnly: Bool
    /// `nil` on a standby.
    var timeline: LedgerTimeline?

    /// The name of the WAL file that is written carries the timeline from the instant of a
    /// promotion on; the control file follows at the next checkpoint.
    static let query = """
        SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on',
            (SELECT system_identifier FROM pg_control_system()),
            CASE WHEN NOT pg_is_in_recovery() THEN ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint END
        """

    init(isStandby: Bool, isReadOnly: Bool, timeline: LedgerTimeline?) {
        self.isStandby = isStandby
        self.isReadOnly = isReadOnly
        self.timeline = timeline
    }

    /// From the answer to `query` in text form, which is what several statements at once are
    /// answered in.
    init(text result: borrowing PostgresResult) throws(JournalError) {
        guard result.rowCount == 1, let cluster = Int64(result.text(0, 2)) else { throw .unreadable("the server's standing") }
        isStandby = result.text(0, 0) == "t"
        isReadOnly = result.text(0, 1) == "t"
        timeline = Int64(result.text(0, 3)).map { LedgerTimeline(cluster: cluster, number: $0) }
    }

    /// - Throws: `unavailable`, when the server does not take writes, or has a successor.
    func requirePrimary(beside seen: PostgresTimelines) throws(JournalError) {
        guard !isStandby, let timeline else { throw .unavailable(reason: "a standby, and only a primary takes orders") }
        guard !isReadOnly else { throw .unavailable(reason: Self.readOnly) }
        guard let successor = seen.successor(of: timeline) else { return }
        throw .unavailable(reason: "an older timeline: it is on \(timeline.number), and a primary on \(successor) was seen, its successor")
    }

    static let readOnly = "takes no writes: default_transaction_read_only is on"
}
