import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

@Suite(.timeLimit(.minutes(1))) struct WebhookSenderTests {
    private let bed = SenderBed()

    private func endpoint(_ retries: [Duration] = WebhookEndpoint.usualRetries, batch: Int = 1, inFlight: Int = 1) -> WebhookEndpoint {
        WebhookEndpoint(name: "shop", batch: batch, inFlight: inFlight, retries: retries)
    }

    private func ids(_ numbers: ClosedRange<Int64>, without left: Int64? = nil) -> [String] {
        numbers.filter { $0 != left }.map { "evt_\($0)-1-1" }
    }

    @Test func `what had failed before a node took over is in its queue once`() {
        bed.tell(1...5)
        bed.ledger.fail(2, dueAt: .earliest)
        bed.ledger.fail(4, dueAt: bed.bed.scheduler.now.advanced(by: 60_000_000_000))
        let receiver = MemoryReceiver()
        bed.serve(endpoint(), to: receiver)
        bed.pass(seconds: 10)
        #expect(receiver.sent.sorted() == ids(1...5, without: 4))
        #expect(bed.ledger.position.turn == 5)
        bed.pass(seconds: 60)
        #expect(receiver.sent.sorted() == ids(1...5))
        #expect(bed.ledger.failures.isEmpty)
    }

    // MARK: Receivers that ask for patience

    @Test(arguments: [1, 4], [WebhookAnswer.busy("answered 503", retryAfter: nil), .busy("answered 429", retryAfter: .seconds(30)), .away("reset")])
    func `one event that is never answered otherwise holds up no other`(inFlight: Int, answer: WebhookAnswer) {
        bed.tell(1...20)
        let receiver = MemoryReceiver { $0.id == "evt_3-1-1" ? answer : .taken }
        bed.serve(endpoint(inFlight: inFlight), to: receiver)
        bed.pass(seconds: 600)
        #expect(receiver.taken.sorted() == ids(1...20, without: 3).sorted())
        #expect(bed.ledger.position.turn == 20)
        #expect(bed.ledger.failures.keys.sorted() == [3])
        bed.tell(21...30)
        bed.pass(seconds: 600)
        #expect(receiver.taken.count == 29)
    }

    /// Each attempt of the schedule is one request, and then it is over.
    @Test func `what is set aside is tried by the schedule and then given up`() {
        bed.tell(1...2)
        let receiver = MemoryReceiver { $0.id == "evt_1-1-1" ? .busy("answered 503", retryAfter: nil) : .taken }
        bed.serve(endpoint([.seconds(1), .seconds(2), .seconds(3)]), to: receiver)
        bed.pass(seconds: 300)
        #expect(bed.ledger.failures == [1: MemoryWebhooks.Failure(attempts: 4, dueAt: nil, error: "answered 503")])
        #expect(receiver.sent.count { $0 == "evt_1-1-1" } == Limits.webhookDelaysMax + 3)
        #expect(bed.log.lines == ["webhook event given up count=4 endpoint=shop error=answered 503 event=evt_1-1-1"])
    }

    @Test func `while a receiver takes nothing at all, everything waits`() {
        bed.tell(1...20)
        let isBack = Flag()
        let receiver = MemoryReceiver { _ in isBack.isSet ? .taken : .busy("answered 503", retryAfter: nil) }
        bed.serve(endpoint(), to: receiver)
        bed.pass(seconds: 3_600)
        #expect(bed.ledger.failures.isEmpty)
        #expect(bed.ledger.position == .beginning)
        // A minute each, once the pauses are long.
        #expect((55...70).contains(receiver.sent.count))
        isBack.isSet = true
        bed.pass(seconds: 90)
        #expect(receiver.taken.sorted() == ids(1...20).sorted())
        #expect(bed.log.lines.isEmpty)
    }

    @Test func `a receiver that answers nothing else until the schedule is over loses it`() {
        bed.tell(1...3)
        bed.serve(endpoint([.seconds(1), .seconds(2)]), to: MemoryReceiver { _ in .busy("answered 503", retryAfter: nil) })
        bed.pass(seconds: 60)
        #expect(bed.ledger.failures.count == 3)
        #expect(bed.ledger.failures.values.allSatisfy { $0.dueAt == nil && $0.attempts == 3 })
        #expect(bed.ledger.position.turn == 3)
        #expect(bed.log.lines.count == 3)
    }

    @Test func `who is not there is waited for longer than any schedule`() {
        bed.tell(1...3)
        let isBack = Flag()
        let receiver = MemoryReceiver { _ in isBack.isSet ? .taken : .away("no connection") }
        bed.serve(endpoint([.seconds(1), .seconds(2)]), to: receiver)
        bed.pass(seconds: 3_600)
        #expect(bed.ledger.failures.isEmpty)
        isBack.isSet = true
        bed.pass(seconds: 5)
        #expect(receiver.taken.count == 3)
    }

    @Test func `an event that is refused takes no other of its batch along`() {
        bed.tell(1...10)
        let receiver = MemoryReceiver { $0.body.contains("evt_3-1-1") ? .refused("answered 500") : .taken }
        bed.serve(endpoint([.seconds(1), .seconds(2)], batch: 10), to: receiver)
        bed.pass(seconds: 60)
        #expect(bed.ledger.failures.keys.sorted() == [3])
        #expect(bed.log.lines.count == 1)
    }

    @Test func `an event that is put off takes no other of its batch along`() {
        bed.tell(1...10)
        let receiver = MemoryReceiver { $0.body.contains("evt_3-1-1") ? .busy("answered 503", retryAfter: nil) : .taken }
        bed.serve(endpoint(batch: 10), to: receiver)
        bed.pass(seconds: 120)
        #expect(bed.ledger.failures.keys.sorted() == [3])
        #expect(bed.ledger.position.turn == 10)
    }

    /// It is away for a while, and then takes all but one.
    @Test func `one event that is never taken holds up none that was delayed with it`() {
        bed.tell(1...10)
        let isBack = Flag()
        let receiver = MemoryReceiver { isBack.isSet && $0.id != "evt_1-1-1" ? .taken : .busy("answered 503", retryAfter: nil) }
        bed.serve(endpoint(), to: receiver)
        bed.pass(seconds: 1_200)
        isBack.isSet = true
        bed.pass(seconds: 1_200)
        #expect(receiver.taken.count == 9)
        #expect(bed.ledger.failures.keys.sorted() == [1])
    }

    /// An hour of patience with one event is no hour without all others.
    @Test func `patience with one event delays no other for long`() {
        bed.tell(1...3_000)
        let inFlight = 8
        let receiver = MemoryReceiver(pace: (bed.bed.context.runtime, .milliseconds(50))) {
            $0.id == "evt_1-1-1" ? .busy("answered 503", retryAfter: .seconds(3_600)) : .taken
        }
        bed.serve(endpoint(inFlight: inFlight), to: receiver)
        bed.pass(seconds: 3_500)
        // The others that went with it, and one in the place of each of them that was answered
        // before it: every answer takes as long.
        #expect((inFlight - 1...2 * (inFlight - 1)).contains(receiver.taken.count))
        bed.pass(seconds: 200)
        #expect(receiver.taken.count == 2_999)
        let asked = receiver.sent.count { $0 == "evt_1-1-1" }
        bed.pass(seconds: 3_300)
        #expect(receiver.sent.count { $0 == "evt_1-1-1" } == asked)
    }

    /// The cursor stays before what is delayed, which gets its turn once so much is ahead of it.
    @Test func `no more than a bound overtakes what is delayed`() {
        bed.tell(1...6_000)
        let runtime = bed.bed.context.runtime
        let receiver = MemoryReceiver(pace: (runtime, .milliseconds(50))) {
            $0.id == "evt_1-1-1" ? .busy("answered 503", retryAfter: nil) : .taken
        }
        bed.serve(endpoint(inFlight: 8), to: receiver)
        bed.pass(seconds: 30)
        #expect(bed.ledger.position == .beginning)
        #expect((1_000...Limits.webhookAheadMax + Limits.webhookWindow).contains(receiver.taken.count))
        bed.pass(seconds: 600)
        #expect(receiver.taken.count == 5_999)
        #expect(bed.ledger.failures.keys.sorted() == [1])
    }

    // MARK: The end of serving

    @Test func `a sender that was idle sends nothing once its endpoint is stopped`() {
        let receiver = MemoryReceiver()
        bed.tell(1...1)
        bed.serve(endpoint(), to: receiver)
        bed.pass(seconds: 5)
        bed.ledger.stop()
        bed.tell(2...2)
        bed.pass(seconds: 5)
        #expect(receiver.sent == ids(1...1))
        #expect(bed.ledger.hasEnded)
    }

    @Test func `a pause ends when the endpoint is somebody else's`() {
        bed.tell(1...1)
        bed.serve(endpoint(), to: MemoryReceiver { _ in .busy("answered 429", retryAfter: .seconds(3_000)) })
        bed.pass(seconds: 60)
        #expect(!bed.ledger.hasEnded)
        bed.isHeld.isSet = false
        bed.pass(seconds: 2)
        #expect(bed.ledger.hasEnded)
    }

    @Test func `what was taken before a 410 is remembered`() {
        bed.tell(1...3)
        let receiver = MemoryReceiver { $0.id == "evt_3-1-1" ? .gone : .taken }
        bed.serve(endpoint(), to: receiver)
        bed.pass(seconds: 5)
        #expect(bed.ledger.position.turn == 2)
        #expect(bed.ledger.hasEnded)
        #expect(bed.log.lines.count == 1)
    }

    // MARK: Messages

    @Test func `a batch's id is of its events, and the same each time`() {
        let batch = WebhookEndpoint(name: "shop", batch: 10)
        func id(_ numbers: ClosedRange<Int64>) -> String { WebhookMessage(numbers.map { .test($0, order: 1) }, to: batch).id }
        #expect(id(1...3) == id(1...3))
        // Of this very content: a restart, another node or another version say the same.
        #expect(id(1...3) == "evt_batch-12234987034494754089")
        #expect(Set([id(1...3), id(1...2), id(2...3), id(1...1), id(11...13)]).count == 5)
        #expect(WebhookMessage([.test(7, order: 1)], to: WebhookEndpoint(name: "shop")).id == "evt_7-1-1")
    }
}
