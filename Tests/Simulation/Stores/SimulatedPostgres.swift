import SaleCore
import SaleService

/// The one Postgres: durable books, locks that end with their sessions, and its clock. Behind it
/// stands a synchronous standby, which may be away.
package final class SimulatedPostgres: SimulatedServer, @unchecked Sendable {
    /// Switches a guard off, to see that somebody notices.
    package enum Flaw: String, Sendable, CaseIterable {
        /// The stock's bound is not held.
        case takesAnyNumber
        /// The limit per user is not held.
        case takesAnyUser
        /// What was answered is forgotten at the next start.
        case forgetsAtRestart
        /// A cancelled order gives no units back.
        case keepsUnits
        /// An order of an epoch that is over is not charged to the present one.
        case chargesNothing
        /// What the standby lacks is told of all the same.
        case tellsUnconfirmed
        /// A refund is not held to what is due.
        case refundsAnything
    }

    var books: PostgresBooks
    /// Told after every transaction that may have written.
    var onWrite: () -> Void = {}
    let clockSkew: Int64
    let flaws: Set<Flaw>
    private var locks: [SaleID: [Session]] = [:]
    private var atStart: PostgresBooks
    /// What the standby has, while it is away.
    private var standby: PostgresBooks?
    /// What COMMITs that wait for it would do. Nobody sees it before they are through, or the
    /// server is restarted.
    private var commitsWaiting: [(inout PostgresBooks) -> Void] = []

    /// A session that holds or awaits a lock.
    final class Session {
        let process: SimulatedProcess
        var isGranted: (() -> Void)?
        /// Postgres went away while it waited.
        var hasEnded: (() -> Void)?
        init(process: SimulatedProcess) { self.process = process }
    }

    init(scheduler: Scheduler, clockSkew: Int64 = 0, flaws: Set<Flaw> = []) {
        self.clockSkew = clockSkew
        self.flaws = flaws
        books = PostgresBooks(flaws: flaws)
        atStart = books
        super.init(name: "postgres", scheduler: scheduler)
    }

    var time: Timestamp { Timestamp(milliseconds: WorldClock.epoch + scheduler.milliseconds + clockSkew) }

    // MARK: The standby

    var isStandbyAway: Bool { standby != nil }

    /// Its standby, once it takes over, begins the next.
    private(set) var timeline = LedgerTimeline(cluster: 1, number: 1)

    /// What no fault takes away.
    var confirmedBooks: PostgresBooks { standby ?? books }

    func loseStandby() { standby = standby ?? books }

    func returnStandby() {
        finishCommits()
        standby = nil
        onWrite()
    }

    func waitForStandby(_ commit: @escaping (inout PostgresBooks) -> Void) { commitsWaiting.append(commit) }

    /// The server is lost with all that the standby lacks, which takes its place and waits for no
    /// other.
    func failOver() {
        stop()
        commitsWaiting = []
        timeline.number += 1
        books = confirmedBooks
        standby = nil
        start()
    }

    private func finishCommits() {
        for commit in commitsWaiting { commit(&books) }
        commitsWaiting = []
    }

    override func start() {
        finishCommits()
        if flaws.contains(.forgetsAtRestart), incarnation > 0 { books = atStart }
        super.start()
        atStart = books
        // Every session is gone. Whoever holds a lock does not know it yet; whoever waits for one
        // hears it from his broken connection.
        let sessions = locks.keys.sorted().flatMap { locks[$0] ?? [] }
        locks = [:]
        for session in sessions where session.isGranted != nil {
            session.isGranted = nil
            scheduler.after(scheduler.random.span(1...1_500)) { session.hasEnded?() }
        }
    }

    func lock(_ sale: SaleID, _ session: Session, granted: @escaping () -> Void, ended: @escaping () -> Void) {
        session.isGranted = granted
        session.hasEnded = ended
        locks[sale, default: []].append(session)
        if locks[sale]?.count == 1 { grantFirst(sale) }
    }

    /// Without waiting.
    func tryLock(_ sale: SaleID, _ session: Session) -> Bool {
        guard locks[sale, default: []].allSatisfy({ $0 === session }) else { return false }
        locks[sale, default: []].append(session)
        return true
    }

    func unlock(_ sale: SaleID, _ session: Session) {
        guard let index = locks[sale]?.firstIndex(where: { $0 === session }) else { return }
        locks[sale]?.remove(at: index)
        if index == 0 { grantFirst(sale) }
    }

    private func grantFirst(_ sale: SaleID) {
        guard let first = locks[sale]?.first else { return }
        let granted = first.isGranted
        first.isGranted = nil
        granted?()
    }

    func end(_ session: Session) {
        for sale in locks.keys.sorted() where locks[sale]?.contains(where: { $0 === session }) == true { unlock(sale, session) }
    }

    /// The sessions of a process that was killed end, and with them their locks.
    func endSessions(of process: SimulatedProcess) {
        for sale in locks.keys.sorted() {
            for session in locks[sale] ?? [] where session.process === process { unlock(sale, session) }
        }
    }
}
