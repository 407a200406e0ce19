/// The two stores, as far as the service uses them.
package struct StorePorts: Sendable {
    package var stock: any StockStore
    /// The writers', one each.
    package var journals: [JournalPort]
    /// For sweeps, rebuilds and abandoned orders, so that they never wait behind a writer, nor it
    /// behind them.
    package var recoveryJournal: any OrderJournal
    package var ledger: any SaleLedger
    package var orders: any OrderReader & StockCounting
    package var life: any OrderLife
    package var timelines: TimelineShare

    package init(
        stock: any StockStore, journals: [JournalPort], recoveryJournal: any OrderJournal, ledger: any SaleLedger,
        orders: any OrderReader & StockCounting, life: any OrderLife, timelines: TimelineShare
    ) {
        self.stock = stock
        self.journals = journals
        self.recoveryJournal = recoveryJournal
        self.ledger = ledger
        self.orders = orders
        self.life = life
        self.timelines = timelines
    }
}

/// A journal, and where its writer runs, if that matters: the thread of the journal's session saves
/// two hand-overs for each batch.
package struct JournalPort: Sendable {
    package var journal: any OrderJournal
    package var executor: (any TaskExecutor)?

    package init(_ journal: any OrderJournal, executor: (any TaskExecutor)? = nil) {
        self.journal = journal
        self.executor = executor
    }
}
