import SaleCore
import Testing

@testable import SaleService

@Suite(.timeLimit(.minutes(1))) struct EventReadingTests {
    /// One event in `every` is of the type that is asked for.
    private func feed(of count: Int64, every: Int64) -> MemoryFeed {
        let feed = MemoryFeed()
        for number in 1...count { feed.add(.test(number, order: nil, type: number % every == 0 ? .orderExpired : .orderPaid)) }
        return feed
    }

    /// A query per event, or per few, would read a long feed for minutes.
    @Test func `who asks for few among many reads whole pages`() async throws {
        let feed = feed(of: 5_000, every: 400)
        let page = try await EventReading(feed: feed).events(limit: 10, types: [.orderExpired])
        #expect(page.events.map(\.position.turn) == (1...10).map { $0 * 400 })
        #expect(page.next == page.events.last?.position)
        #expect(feed.pages == Array(repeating: Limits.eventsPageMax, count: 4))
    }

    @Test func `a limit cuts no event out`() async throws {
        let feed = feed(of: 5_000, every: 400)
        let reading = EventReading(feed: feed)
        var (next, found) = (EventPosition.beginning, [Int64]())
        while true {
            let page = try await reading.events(after: next, limit: 5, types: [.orderExpired])
            found += page.events.map(\.position.turn)
            next = page.next
            if page.isEnd { break }
        }
        #expect(found == (1...12).map { $0 * 400 })
        #expect(next.turn == 5_000)
    }

    /// The ports close only when the last answer is on its way.
    @Test func `a node that stops has nobody wait`() async throws {
        let draining = Flag()
        let runtime = Runtime(now: { .earliest }, sleep: { _ in draining.isSet = true }, random: { 0 })
        let reading = EventReading(feed: MemoryFeed(), runtime: runtime, isDraining: { draining.isSet })
        let page = try await reading.events(limit: 1, wait: .seconds(Limits.eventsWaitSecondsMax))
        #expect(page.events.isEmpty && page.isEnd && draining.isSet)
    }
}
