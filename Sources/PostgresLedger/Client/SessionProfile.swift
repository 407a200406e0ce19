/// How long one session's statements may take, and how they are planned.
package struct SessionProfile: Sendable, Equatable {
    package enum PlanCache: String, Sendable {
        /// One plan for all parameters: nothing is planned again on the hot path. It may be made
        /// while a table is empty and live until it is full, so it reads tables by their indexes
        /// from the start.
        case generic = "force_generic_plan"
        /// A plan for these parameters: for statements with optional filters.
        case custom = "force_custom_plan"
    }

    /// Postgres ends a statement, waits for locks included, after this time; nothing is written
    /// then. 0 is never.
    package var statementMilliseconds: Int
    /// Without an answer for so long the connection is given up and the outcome is unknown: the
    /// server hangs, or the network swallows our packets. Longer than `statementMilliseconds`, so
    /// that a server that lives decides first.
    package var replyMilliseconds: Int
    package var planCache: PlanCache
    /// A statement that waits longer for a lock fails with SQLSTATE 55P03. 0 is never.
    package var lockMilliseconds: Int

    package init(statementMilliseconds: Int, replyMilliseconds: Int, planCache: PlanCache, lockMilliseconds: Int = 0) {
        self.statementMilliseconds = statementMilliseconds
        self.lockMilliseconds = lockMilliseconds
        self.replyMilliseconds = replyMilliseconds
        self.planCache = planCache
    }

    package static let journal = Self(statementMilliseconds: 5_000, replyMilliseconds: 10_000, planCache: .generic)
    /// Reads and transitions of single orders and small batches of them.
    package static let orders = Self(statementMilliseconds: 3_000, replyMilliseconds: 6_000, planCache: .generic)
    /// Waits for a standby. Whoever asks gives up by itself; the next round then begins on a new
    /// connection, since a failover may be why none came.
    static let confirmation = Self(statementMilliseconds: 0, replyMilliseconds: 5_000, planCache: .generic)
    static let probe = Self(statementMilliseconds: 1_500, replyMilliseconds: 2_000, planCache: .generic)
    /// Audits and seeding read whole sales.
    package static let catalog = Self(statementMilliseconds: 60_000, replyMilliseconds: 70_000, planCache: .custom)
    /// Waits for a sale's lock in short turns.
    static let lock = Self(statementMilliseconds: 0, replyMilliseconds: 10_000, planCache: .generic, lockMilliseconds: 1_000)

    /// What a session sends once after connecting. Set here and not in the conninfo, whose
    /// `options` are the operator's.
    ///
    /// A plan that must read a whole table all the same looks so dear without `enable_seqscan` that
    /// Postgres would compile it, which takes longer than it saves.
    var setup: String {
        """
        SET synchronous_commit = on;
        SET default_transaction_isolation = 'read committed';
        SET client_min_messages = warning;
        SET statement_timeout = \(statementMilliseconds);
        SET lock_timeout = \(lockMilliseconds);
        SET idle_in_transaction_session_timeout = \(Self.idleInTransactionMilliseconds);
        SET plan_cache_mode = \(planCache.rawValue);
        SET enable_seqscan = \(planCache == .custom ? "on" : "off");
        SET jit = off
        """
    }

    /// A transaction whose owner is gone must not hold its locks and its snapshot for ever. Longer
    /// than a rebuild may take between two pages.
    private static let idleInTransactionMilliseconds = 60_000
}
