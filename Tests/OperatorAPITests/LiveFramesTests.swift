import Foundation
import HTTPFront
import NIOCore
import SaleCore
import SaleService
import Synchronization
import Testing

@testable import OperatorAPI

@Suite struct LiveFramesTests {
    private final class Clock: Sendable {
        private let seconds = Mutex<UInt64>(1_000)
        func pass(seconds more: Int) { seconds.withLock { $0 += UInt64(more) } }
        var now: MonotonicInstant { MonotonicInstant(nanoseconds: seconds.withLock { $0 } * 1_000_000_000) }
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)
        func set() { value.withLock { $0 = true } }
        var isSet: Bool { value.withLock { $0 } }
    }

    private let clock = Clock()
    private let drain = Flag()

    private func frames() -> LiveFrames { LiveFrames(isDraining: { [drain] in drain.isSet }, now: { [clock] in clock.now }) }

    private func frame(_ number: Int64, nodes: [PacedNode] = [], figures: [String: Double] = [:], sales: [FleetFrame.Sale] = []) -> FleetFrame {
        FleetFrame(at: Timestamp(milliseconds: number * 1_000), nodes: nodes, totals: FleetFigures(of: [node(figures)]), sales: sales)
    }

    private func node(_ figures: [String: Double]) -> NodeHeartbeat {
        NodeHeartbeat(
            id: "a", version: "1", startedAt: Timestamp(milliseconds: 0), address: "", adminAddress: "", isDraining: false, checks: ["redis": ""],
            revisions: [:], figures: figures)
    }

    private func json(_ event: ByteBuffer) throws -> [String: Any] {
        let text = String(buffer: event)
        #expect(text.hasPrefix("data: {") && text.hasSuffix("}\n\n") && text.count { $0 == "\n" } == 2)
        return try #require(try JSONSerialization.jsonObject(with: Data(text.dropFirst(6).utf8)) as? [String: Any])
    }

    private func seconds(_ event: ByteBuffer?) throws -> Int64? {
        try event.flatMap { try json($0)["at"] as? String }.flatMap { Timestamp(rfc3339: $0) }.map { $0.milliseconds / 1_000 }
    }

    @Test func `whoever listens hears what was kept, then each frame, each once`() async throws {
        let frames = frames()
        for number in 1...5 { frames.publish(frame(Int64(number))) }
        var late = try frames.listen(history: 2, isAdmitted: { true }) {}.makeAsyncIterator()
        var live = try frames.listen(history: 0, isAdmitted: { true }) {}.makeAsyncIterator()
        frames.publish(frame(6))
        for number in 4...6 as ClosedRange<Int64> { #expect(try seconds(await late.next()) == number) }
        #expect(try seconds(await live.next()) == 6)
        frames.end()
        #expect(await late.next() == nil)
        #expect(await live.next() == nil)
        #expect(throws: Problem.self) { try frames.listen(history: 0, isAdmitted: { true }) {} }
    }

    @Test func `what is kept is bounded by number, size and age`() async throws {
        let frames = frames()
        for number in 1...(Int64(Limits.liveHistoryMax) + 9) { frames.publish(frame(number)) }
        #expect(try frames.listen(history: Limits.liveHistoryMax, isAdmitted: { true }) {}.kept.count == Limits.liveHistoryMax)
        let large = String(repeating: "x", count: 1 << 20)
        let padding = ["seckill_requests_shed_total{reason=\"\(large)\"}": 1.0]
        for number in 1...20 as ClosedRange<Int64> { frames.publish(frame(number, figures: padding)) }
        let kept = try frames.listen(history: Limits.liveHistoryMax, isAdmitted: { true }) {}.kept
        #expect(kept.reduce(0) { $0 + $1.readableBytes } <= Limits.liveHistoryBytesMax && kept.count >= 5)
        clock.pass(seconds: 601)
        #expect(try frames.listen(history: Limits.liveHistoryMax, isAdmitted: { true }) {}.kept.isEmpty)
    }

    @Test func `frames are made while somebody listens, and a moment longer`() async throws {
        let frames = frames()
        #expect(!frames.isWanted)
        var stream: LiveStream? = try frames.listen(history: 0, isAdmitted: { true }) {}
        #expect(frames.isWanted && stream != nil)
        stream = nil
        #expect(frames.listenerCount == 0 && frames.isWanted)
        clock.pass(seconds: 61)
        #expect(!frames.isWanted)
    }

    @Test func `at most so many listen`() async throws {
        let frames = frames()
        let streams = try (0..<Limits.liveStreamsMax).map { _ in try frames.listen(history: 0, isAdmitted: { true }) {} }
        let refusal = try #require(throws: Problem.self) { try frames.listen(history: 0, isAdmitted: { true }) {} }
        #expect(refusal.code == .overloaded && Limits.liveRetryAfterSeconds.contains(refusal.retryAfterSeconds ?? 0))
        #expect(streams.count == frames.listenerCount)
    }

    @Test func `a listener that takes nothing loses its place`() async throws {
        let frames = frames()
        let stalled = Flag()
        let stream = try frames.listen(history: 0, isAdmitted: { true }) { stalled.set() }
        for number in 0..<(Limits.liveFramesWaitingMax + Limits.liveMissedMax - 1) { frames.publish(frame(Int64(number))) }
        #expect(!stalled.isSet && frames.listenerCount == 1)
        frames.publish(frame(0))
        #expect(stalled.isSet && frames.listenerCount == 0)
        var left = stream.makeAsyncIterator()
        for _ in 0..<Limits.liveFramesWaitingMax { #expect(await left.next() != nil) }
        #expect(await left.next() == nil)
    }

    @Test func `whoever is no operator any more hears nothing more`() async throws {
        let (frames, isOut) = (frames(), Flag())
        var stream = try frames.listen(history: 0, isAdmitted: { !isOut.isSet }) {}.makeAsyncIterator()
        frames.publish(frame(1))
        #expect(try seconds(await stream.next()) == 1)
        isOut.set()
        frames.publish(frame(2))
        #expect(await stream.next() == nil)
        #expect(frames.listenerCount == 0)
    }

    @Test func `a node that drains ends its streams and takes no other`() async throws {
        let frames = frames()
        var stream = try frames.listen(history: 0, isAdmitted: { true }) {}.makeAsyncIterator()
        drain.set()
        #expect(!frames.isWanted)
        #expect(await stream.next() == nil)
        #expect(try #require(throws: Problem.self) { try frames.listen(history: 0, isAdmitted: { true }) {} }.code == .draining)
    }

    @Test func `a frame has counters, buckets that are no sums, and what is not known as null`() throws {
        func bucket(_ family: String, _ bound: String, _ label: String = "") -> String { "\(family)_bucket{\(label)le=\"\(bound)\"}" }
        let purchases = "seckill_purchase_duration_seconds"
        let event = try LiveFrameJSON.event(
            frame(
                7, nodes: [PacedNode(heartbeat: node(["seckill_streams_open": 3]), loopLagSeconds: .infinity, cores: 0.81234)],
                figures: [
                    #"seckill_purchases_total{outcome="committed"}"#: 9, #"seckill_purchases_total{outcome="unknown_sku"}"#: 2,
                    bucket(purchases, "0.001", #"outcome="committed","#): 4, bucket(purchases, "0.0025", #"outcome="committed","#): 7,
                    bucket(purchases, "30", #"outcome="committed","#): 8, bucket(purchases, "+Inf", #"outcome="committed","#): 9,
                    bucket("seckill_commit_duration_seconds", "1e-05"): 1, bucket("seckill_commit_duration_seconds", "30"): 1,
                    #"seckill_requests_shed_total{reason="browsing"}"#: 5,
                ],
                sales: [
                    FleetFrame.Sale(
                        id: SaleID("demo")!, phase: .open, status: .open, version: 12, epoch: 41, isProven: true, obeyedBy: 2,
                        items: [
                            FleetFrame.Item(
                                sku: SKU("phone-x")!, loaded: 1_500, committed: 766, available: 731, ended: EndedUnits(paid: 512, returned: 40)),
                            FleetFrame.Item(sku: SKU("phone-y")!, loaded: 5, committed: 1, available: nil, ended: nil),
                        ], itemsLeftOut: 0)
                ]))
        let json = try json(event)
        #expect(json["units_age_ms"] is NSNull && json["paid_age_ms"] is NSNull)
        let node = try #require((json["nodes"] as? [[String: Any]])?.first)
        #expect(node["streams"] as? Int == 3 && node["cpu"] as? Double == 0.812 && node["ready"] as? Bool == true)
        #expect(node["loop_lag_ms"] as? Int == 30_000)
        let totals = try #require(json["totals"] as? [String: Any])
        let outcomes = try #require(totals["outcomes"] as? [String: Int])
        #expect(outcomes["committed"] == 9 && outcomes["unknown_sku"] == 2 && outcomes["sold_out"] == 0)
        let bounds = try #require(totals["bucket_seconds"] as? [Double])
        let buckets = try #require((totals["duration_buckets"] as? [String: [Int]])?["committed"])
        #expect(bounds.count == 20 && buckets.count == 20 && buckets.reduce(0, +) == 8)
        #expect(buckets[bounds.firstIndex(of: 0.001)!] == 4 && buckets[bounds.firstIndex(of: 0.0025)!] == 3 && buckets[19] == 1)
        #expect(totals["commit_duration_buckets"] as? [Int] == [1] + Array(repeating: 0, count: 19))
        #expect(totals["shed"] as? [String: Int] == ["browsing": 5])
        let sale = try #require((json["sales"] as? [[String: Any]])?.first)
        #expect(sale["state"] as? String == "open" && sale["fence"] as? String == "proven" && sale["obeyed_by"] as? Int == 2)
        let items = try #require(sale["items"] as? [[String: Any]])
        #expect(items[0]["in_flight"] as? Int == 3 && items[0]["paid"] as? Int == 512 && items[0]["returned"] as? Int == 40)
        #expect(["available", "in_flight", "paid", "returned"].allSatisfy { items[1][$0] is NSNull })
    }

    @Test func `what Postgres said a while ago is told with its age, and compared with nothing`() throws {
        let item = FleetFrame.Item(sku: SKU("phone-x")!, loaded: 5, committed: 1, available: 4, ended: EndedUnits(paid: 1), isCountOld: true)
        let sale = FleetFrame.Sale(
            id: SaleID("demo")!, phase: .open, status: .open, version: 1, epoch: 1, isProven: true, obeyedBy: 1, items: [item], itemsLeftOut: 0)
        var frame = frame(7, sales: [sale])
        (frame.unitsAgeMilliseconds, frame.paidAgeMilliseconds) = (7_000, 61_000)
        let json = try json(try LiveFrameJSON.event(frame))
        #expect(json["units_age_ms"] as? Int == 7_000 && json["paid_age_ms"] as? Int == 61_000)
        let shown = try #require(((json["sales"] as? [[String: Any]])?.first?["items"] as? [[String: Any]])?.first)
        #expect(shown["committed"] as? Int == 1 && shown["available"] as? Int == 4 && shown["in_flight"] is NSNull)
    }
}
