import Metrics

/// The service's metrics, each handle made once. Labels name outcomes, never users.
package struct ServiceMetrics: Sendable {
    private let batchRequests = Recorder(label: "batch_requests", aggregate: true)
    private let batchDuration = Timer(label: "batch_duration")
    private let batches = Counter(label: "batches")
    private let commitOrders = Recorder(label: "commit_orders", aggregate: true)
    private let commitDuration = Timer(label: "commit_duration")
    private let commitFailures = Counter(label: "commit_failures")
    private let leftovers = Counter(label: "leftovers_recovered")
    private let rebuilds = Counter(label: "rebuilds")
    private let expiries = Counter(label: "orders_expired")
    private let moves = Counter(label: "stock_moves")
    private let abandoned = Counter(label: "orders_abandoned")
    private let queueAge = Gauge(label: "queue_age_seconds")
    private let queueCapacity = Gauge(label: "queue_capacity_orders")
    private let timeline = Gauge(label: "postgres_timeline")
    private let queueDepth = Gauge(label: "queue_orders")
    private let admitted = Gauge(label: "admitted_purchases")
    private let provenSales = Gauge(label: "sales_proven")
    private let unprovenSales = Gauge(label: "sales_unproven")

    /// What each metric says, by its label; for the exposition's HELP lines.
    package static let help: [String: String] = [
        "batch_requests": "Purchases decided by one script call.",
        "batch_duration": "Time from sending a script call to its answer.",
        "batches": "Script calls sent.",
        "commit_orders": "Orders in one Postgres transaction.",
        "commit_duration": "Time from taking a batch off the queue to its verdicts, repetitions included.",
        "commit_failures": "Transactions that failed or whose outcome was unknown, and were repeated.",
        "leftovers_recovered": "Orders of the reservation log that were finished by the sweep.",
        "rebuilds": "Sales rebuilt in Redis from Postgres.",
        "orders_expired": "Orders that were not paid in time.",
        "stock_moves": "Orders whose units moved in Postgres alone and were then told to Redis.",
        "orders_abandoned":
            "Purchases whose first script call got no answer, recorded as abandoned before their buyers were refused, unless they were committed meanwhile.",
        "queue_age_seconds": "How long the oldest batch of granted orders has waited for Postgres's verdicts; 0 when none waits.",
        "queue_capacity_orders": "Orders that may be between Redis and Postgres.",
        "postgres_timeline": "The newest timeline of Postgres that this node knows of.",
        "queue_orders": "Granted orders that wait for a writer.",
        "admitted_purchases": "Purchases between their admission and their verdict.",
        "sales_proven": "Sales whose numbers in Redis are proven.",
        "sales_unproven": "Sales that are refused as recovering.",
        "purchases": "Purchases answered, by outcome.",
        "purchase_duration": "Time from a purchase's head to its answer, by outcome.",
    ]

    package init() {}

    func batchSent(requests: Int) {
        batches.increment()
        batchRequests.record(requests)
    }

    func batchAnswered(in nanoseconds: UInt64) { batchDuration.recordNanoseconds(Int64(nanoseconds)) }

    func committed(orders: Int, nanoseconds: UInt64) {
        commitOrders.record(orders)
        commitDuration.recordNanoseconds(Int64(nanoseconds))
    }

    func commitFailed() { commitFailures.increment() }

    func recovered(_ count: Int) { leftovers.increment(by: count) }

    func rebuilt() { rebuilds.increment() }

    func expired(_ count: Int) { expiries.increment(by: count) }

    func moved(_ count: Int) { moves.increment(by: count) }

    func abandoned(_ count: Int) { abandoned.increment(by: count) }

    func sampled(queueAge nanoseconds: UInt64) { queueAge.record(Double(nanoseconds) / 1e9) }

    package func started(queueCapacity: Int) { self.queueCapacity.record(queueCapacity) }

    func sampled(timelines: [LedgerTimeline]) {
        if let newest = timelines.map(\.number).max() { timeline.record(newest) }
    }

    func sampled(queue: Int, admitted: Int, proven: Int, unproven: Int) {
        queueDepth.record(queue)
        self.admitted.record(admitted)
        provenSales.record(proven)
        unprovenSales.record(unproven)
    }
}
