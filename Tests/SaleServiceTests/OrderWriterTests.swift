import Logging
import SaleCore
import Synchronization
import Testing

@testable import SaleService
@testable import Simulation

@Suite struct OrderWriterTests {
    private let test = LaneUnderTest()

    private func writer(_ journal: ScriptedJournal, logger: Logger? = nil) -> OrderWriter {
        let logger = logger ?? test.bed.context.logger
        return OrderWriter(
            queue: test.queue, journal: JournalPort(journal), lanes: test.lanes, admission: test.admission,
            outage: Outage(logger: logger), ServiceContext(runtime: test.bed.context.runtime, logger: logger))
    }

    private func start(_ journal: ScriptedJournal, logger: Logger? = nil) {
        let writer = self.writer(journal, logger: logger)
        test.bed.process.spawn { await writer.run() }
    }

    private func grant(_ users: String...) -> [Buyer] {
        let buyers = users.map { test.buy(user: $0) }
        test.bed.pass()
        test.decide()
        return buyers
    }

    @Test func `all that waits in the queue goes in one transaction`() {
        let buyers = grant("ann", "bob") + grant("cid")
        let journal = ScriptedJournal()
        start(journal)
        test.bed.pass(milliseconds: 1)
        #expect(journal.batches.map { $0.map(\.user.rawValue) } == [["ann", "bob", "cid"]])
        #expect(buyers.allSatisfy { $0.isCommitted })
    }

    @Test(arguments: [Logger.Level.info, .debug])
    func `who asks for it hears the ids of a batch`(level: Logger.Level) {
        let log = MessageLog(level)
        let journal = ScriptedJournal()
        start(journal, logger: log.logger)
        _ = (0..<100).map { test.buy(user: "user-\($0)") }
        test.bed.pass()
        test.decide()
        test.bed.pass(milliseconds: 1)
        let ids = journal.batches.flatMap { $0 }.map { "\"\($0.order)\"" }
        #expect(ids.count == 100)
        let parts = [ids.prefix(50), ids.suffix(50)].map { "orders judged orders=[\($0.joined(separator: ", "))]" }
        #expect(log.lines == (level == .debug ? parts : []))
    }

    @Test func `a batch that failed is given again as it was, until Postgres has judged it`() {
        let journal = ScriptedJournal(failures: [.unavailable(reason: ""), .outcomeUnknown(reason: ""), .failed(reason: "", sqlState: "XX000")])
        start(journal)
        let buyers = grant("ann", "bob")
        test.bed.pass(milliseconds: 900)
        #expect(journal.batches.count == 4 && Set(journal.batches.map { $0.map(\.order) }).count == 1)
        #expect(buyers.allSatisfy { $0.isCommitted })
    }

    @Test func `while Postgres fails, what is granted gathers behind the batch that is tried`() {
        let journal = ScriptedJournal(failures: [.unavailable(reason: "")])
        start(journal)
        _ = grant("ann")
        test.bed.pass()
        _ = grant("bob") + grant("cid")
        test.bed.pass(milliseconds: 900)
        #expect(journal.batches.map(\.count) == [1, 1, 2])
    }

    @Test func `a transaction that fails for long makes the node refuse`() {
        start(ScriptedJournal(failures: Array(repeating: .unavailable(reason: ""), count: 100)))
        _ = grant("ann")
        test.bed.pass(milliseconds: 6_000)
        #expect(test.buy(user: "bob").outcome == .refused(.overloaded))
        #expect(test.admission.commitAge(at: test.bed.scheduler.now) ?? 0 > 5_000_000_000)
    }

    @Test func `a closed queue is emptied before the writer ends`() throws {
        let buyers = grant("ann")
        test.queue.close()
        let writer = self.writer(ScriptedJournal())
        try test.bed.result { await writer.run() }
        test.bed.pass()
        #expect(buyers[0].isCommitted)
    }

    @Test func `two writers empty a closed queue, and end together`() throws {
        let buyers = grant("ann", "bob")
        test.queue.close()
        let (first, second) = (ScriptedJournal(), ScriptedJournal(failures: [.unavailable(reason: "")]))
        let writers = OrderWriters(queue: test.queue, writers: [writer(first), writer(second)])
        try test.bed.result { try await writers.run() }
        test.bed.pass()
        #expect(buyers.allSatisfy { $0.isCommitted })
        #expect(first.batches.count + second.batches.count >= 1)
    }

    @Test func `while one batch is tried, as many orders as it has go with the other writer`() {
        let (first, second) = (ScriptedJournal(failures: Array(repeating: .unavailable(reason: ""), count: 1_000)), ScriptedJournal())
        start(first)
        _ = grant("ann", "bob")
        test.bed.pass()
        start(second)
        let early = grant("cid")
        test.bed.pass(milliseconds: 100)
        #expect(second.batches.isEmpty && !early[0].isCommitted)
        let late = grant("dan")
        test.bed.pass(milliseconds: 100)
        #expect(second.batches.map(\.count) == [2])
        #expect(early[0].isCommitted && late[0].isCommitted)
    }

    @Test func `cancellation leaves a batch that is not judged to the log`() throws {
        let journal = ScriptedJournal(failures: Array(repeating: .unavailable(reason: ""), count: 1_000))
        let buyers = grant("ann")
        let writer = self.writer(journal)
        let runtime = test.bed.context.runtime
        try test.bed.result {
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await writer.run() }
                try? await runtime.sleep(.milliseconds(100))
                tasks.cancelAll()
            }
        }
        test.bed.pass(milliseconds: 2_000)
        #expect(buyers[0].isReserved, "the promised wait ends all the same")
        #expect(journal.batches.count < 10)
    }
}
