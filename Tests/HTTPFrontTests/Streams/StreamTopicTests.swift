import NIOCore
import SaleCore
import SaleService
import Testing

@testable import HTTPFront

/// What streams are told of the steps from one look at a sale to the next.
@Suite struct StreamTopicTests {
    private static let now = GrantingLane.now

    private static func page(_ snapshot: SaleSnapshot, after earlier: SalePage? = nil) -> SalePage { SalePage(snapshot, after: earlier) }

    private static func turn(_ topic: inout StreamTopic, to page: SalePage, at now: Timestamp = now) -> String? {
        topic.turn(to: page, at: now).map { String(buffer: $0) }
    }

    private static func id(in event: String?) -> String? { event?.firstMatch(of: #/\nid: ([0-9]+\.[0-9]+)\n/#).map { String($0.1) } }

    private static func opening(_ topic: StreamTopic, at now: Timestamp = now) -> String {
        var buffer = ByteBuffer()
        topic.writeSale(at: now, into: &buffer)
        return String(buffer: buffer)
    }

    @Test func `the first event is the sale's page`() throws {
        let page = Self.page(StreamSample.snapshot())
        let event = Self.opening(StreamTopic(page, skus: nil, at: Self.now))
        var body = ByteBuffer()
        page.write(in: .open, at: Self.now, into: &body)
        let id = try #require(Self.id(in: event))
        #expect(id.hasPrefix("41."))
        #expect(event == "event: sale\nid: \(id)\ndata: \(String(buffer: body))\n\n")
    }

    @Test func `only the units that changed are told`() throws {
        let first = Self.page(StreamSample.snapshot())
        var topic = StreamTopic(first, skus: nil, at: Self.now)
        let before = Self.turn(&topic, to: first)
        let second = Self.page(StreamSample.snapshot(["a": 1, "b": 7, "c": 0], committed: 5), after: first)
        let later = Self.now.advanced(milliseconds: 400)
        let event = Self.turn(&topic, to: second, at: later)
        let after = Self.turn(&topic, to: second, at: later)
        #expect(before == nil && after == nil)
        #expect(event?.hasPrefix("event: stock\nid: 41.") == true)
        #expect(event?.hasSuffix("\ndata: {\"server_time\":\"\(later)\",\"state\":\"open\",\"available\":{\"b\":7,\"c\":0}}\n\n") == true)
    }

    @Test func `what is not shown brings no event`() {
        let first = Self.page(StreamSample.snapshot())
        var topic = StreamTopic(first, skus: nil, at: Self.now)
        let event = Self.turn(&topic, to: Self.page(StreamSample.snapshot(committed: 5, epoch: 42), after: first))
        #expect(event == nil)
    }

    @Test(arguments: [
        StreamSample.snapshot(title: "Other"), StreamSample.snapshot(closes: 7_200_000), StreamSample.snapshot(["a": 1, "b": 2, "c": 3, "d": 4]),
    ])
    func `more than units brings the sale again`(snapshot: SaleSnapshot) {
        let first = Self.page(StreamSample.snapshot())
        var topic = StreamTopic(first, skus: nil, at: Self.now)
        let event = Self.turn(&topic, to: Self.page(snapshot, after: first))
        #expect(event?.hasPrefix("event: sale\n") == true)
    }

    @Test func `other units wait for a turn that is not early, and then come together`() {
        let first = Self.page(StreamSample.snapshot())
        var topic = StreamTopic(first, skus: nil, at: Self.now)
        let second = Self.page(StreamSample.snapshot(["a": 0, "b": 2, "c": 3]), after: first)
        let third = Self.page(StreamSample.snapshot(["a": 0, "b": 1, "c": 3]), after: second)
        #expect(topic.turn(to: second, at: Self.now, isEarly: true) == nil)
        #expect(topic.turn(to: third, at: Self.now, isEarly: true) == nil)
        #expect(Self.turn(&topic, to: third)?.contains("\"available\":{\"a\":0,\"b\":1}}") == true)
    }

    @Test func `what is more than units is told early, with the units`() {
        let first = Self.page(StreamSample.snapshot(closes: 1_000))
        var topic = StreamTopic(first, skus: nil, at: Self.now)
        let paused = Self.page(StreamSample.snapshot(["a": 0, "b": 2, "c": 3], status: .paused, closes: 1_000), after: first)
        let told = topic.turn(to: paused, at: Self.now, isEarly: true).map { String(buffer: $0) }
        #expect(told?.hasPrefix("event: s") == true && told?.contains("\"state\":\"paused\"") == true)
        let open = Self.page(StreamSample.snapshot(["a": 1, "b": 2, "c": 3], closes: 1_000), after: paused)
        #expect(topic.turn(to: open, at: Self.now, isEarly: true) != nil)
        #expect(topic.turn(to: open, at: Self.now.advanced(milliseconds: 1_000), isEarly: true) != nil)
    }

    @Test func `the clock opens and closes without a look at the catalog`() throws {
        let page = Self.page(StreamSample.snapshot(opens: 1_000, closes: 2_000))
        var topic = StreamTopic(page, skus: nil, at: Self.now)
        #expect(Self.opening(topic).contains("\"state\":\"not_started\""))
        let early = Self.turn(&topic, to: page, at: Self.now.advanced(milliseconds: 999))
        #expect(early == nil)
        for (milliseconds, state) in [(Int64(1_000), "open"), (2_000, "closed")] {
            let told = Self.turn(&topic, to: page, at: Self.now.advanced(milliseconds: milliseconds))
            let event = try #require(told)
            #expect(event.hasPrefix("event: stock\n") && event.hasSuffix(",\"state\":\"\(state)\",\"available\":{}}\n\n"))
        }
    }

    @Test func `items narrow what is told, and the state stays the sale's`() throws {
        let first = Self.page(StreamSample.snapshot())
        var topic = StreamTopic(first, skus: [SKU("a")!, SKU("c")!], at: Self.now)
        let opening = Self.opening(topic)
        #expect(opening.contains("\"sku\":\"a\"") && !opening.contains("\"sku\":\"b\"") && opening.contains("\"sku\":\"c\""))
        let second = Self.page(StreamSample.snapshot(["a": 1, "b": 9, "c": 3]), after: first)
        let other = Self.turn(&topic, to: second)
        #expect(other == nil)
        let third = Self.page(StreamSample.snapshot(["a": 0, "b": 8, "c": 0]), after: second)
        let event = Self.turn(&topic, to: third) ?? ""
        #expect(event.hasPrefix("event: stock\n") && event.contains("\"state\":\"open\",\"available\":{\"a\":0,\"c\":0}}"))
        let fourth = Self.page(StreamSample.snapshot(["a": 0, "b": 0, "c": 0]), after: third)
        let last = Self.turn(&topic, to: fourth) ?? ""
        #expect(last.contains("\"state\":\"sold_out\",\"available\":{}}"))
    }

    @Test func `ids differ within a moment, and tell of any node's client what it has missed`() throws {
        let first = Self.page(StreamSample.snapshot())
        var topic = StreamTopic(first, skus: nil, at: Self.now)
        let one = try #require(Self.id(in: Self.opening(topic)))
        let second = Self.page(StreamSample.snapshot(["a": 0, "b": 2, "c": 3]), after: first)
        let secondEvent = Self.turn(&topic, to: second)
        let two = try #require(Self.id(in: secondEvent))
        let thirdEvent = Self.turn(&topic, to: first)
        let three = try #require(Self.id(in: thirdEvent))
        #expect(Set([one, two, three]).count == 3)
        // Nothing has changed for who heard the first, though it changed twice.
        #expect(topic.isKnown(to: three) && topic.isKnown(to: one) && !topic.isKnown(to: two))
        let elsewhere = StreamTopic(Self.page(StreamSample.snapshot()), skus: nil, at: Self.now.advanced(milliseconds: 99_999))
        #expect(elsewhere.isKnown(to: three) && !elsewhere.isKnown(to: two))
        let narrowed = StreamTopic(first, skus: [SKU("a")!], at: Self.now)
        let rebuilt = StreamTopic(Self.page(StreamSample.snapshot(epoch: 42)), skus: nil, at: Self.now)
        #expect(!narrowed.isKnown(to: three) && !rebuilt.isKnown(to: three))
        for nonsense in ["", "41", "41.", ".1", "41.x", "41.1.1", "41.-1", "99999999999999999999.1"] { #expect(!topic.isKnown(to: nonsense)) }
    }
}
