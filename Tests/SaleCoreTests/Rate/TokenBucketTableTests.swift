import SaleCore
import Testing

@Suite struct TokenBucketTableTests {
    private static let second: UInt64 = 1_000_000_000
    /// Any instant of a monotonic clock; far from zero, so that nothing passes by accident.
    private static let start = MonotonicInstant(nanoseconds: 1_000 * second)

    private static func table(rate: Int, burst: Int, entriesMax: Int = 8) throws -> TokenBucketTable {
        TokenBucketTable(limit: try #require(RateLimit(rate: rate, burst: burst)), entriesMax: entriesMax)
    }

    @Test func restedBucketGivesItsBurstAtOnceAndNoMore() throws {
        var table = try Self.table(rate: 5, burst: 10)
        let decisions = (0..<11).map { _ in table.take(1, at: Self.start) }
        #expect(decisions.map(\.isAllowed) == Array(repeating: true, count: 10) + [false])
        #expect(decisions.map(\.remaining) == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0])
    }

    @Test func afterTheBurstTokensComeAtTheRate() throws {
        var table = try Self.table(rate: 5, burst: 10)
        for _ in 0..<10 { _ = table.take(1, at: Self.start) }
        var allowed = 0
        for millisecond in 1...2_000 as ClosedRange<UInt64> where table.take(1, at: Self.start.advanced(by: millisecond * 1_000_000)).isAllowed {
            allowed += 1
        }
        #expect(allowed == 10)
    }

    @Test func bucketNeverHoldsMoreThanItsBurst() throws {
        var table = try Self.table(rate: 5, burst: 10)
        _ = table.take(1, at: Self.start)
        let later = Self.start.advanced(by: 3_600 * Self.second)
        #expect((0..<100).count { _ in table.take(1, at: later).isAllowed } == 10)
    }

    @Test func bucketsAreSeparate() throws {
        var table = try Self.table(rate: 1, burst: 1)
        #expect(table.take(1, at: Self.start).isAllowed)
        #expect(table.take(2, at: Self.start).isAllowed)
        #expect(!table.take(1, at: Self.start).isAllowed)
    }

    /// Over every window that starts at one taken token and ends at another: at most burst + rate ×
    /// length.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func noWindowSeesMoreThanBurstPlusRate(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let rate = [1, 3, 5, 7, 50, 999, 20_000, 7_000_000].randomElement(using: &random)!
        let burst = Int.random(in: 1...20, using: &random)
        var table = try Self.table(rate: rate, burst: burst)
        let interval = Self.second / UInt64(rate)
        var now = Self.start
        var taken: [MonotonicInstant] = []
        for _ in 0..<600 {
            now = now.advanced(by: Bool.random(using: &random) ? 0 : .random(in: 0...interval * 2, using: &random))
            if table.take(42, at: now).isAllowed { taken.append(now) }
        }
        var exceeded = 0
        for (first, opening) in taken.enumerated() {
            for last in first..<taken.count {
                let (refilled, _) = Self.second.dividingFullWidth(opening.duration(to: taken[last]).multipliedFullWidth(by: UInt64(rate)))
                if last - first + 1 > burst + Int(refilled) { exceeded += 1 }
            }
        }
        #expect(exceeded == 0, "seed \(seed), rate \(rate), burst \(burst)")
    }

    /// One nanosecond before `retryAfter` there is no token; at it there is one.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func retryAfterIsExact(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var table = try Self.table(rate: .random(in: 1...30_000, using: &random), burst: .random(in: 1...20, using: &random))
        var now = Self.start
        for _ in 0..<100 {
            now = now.advanced(by: .random(in: 0...1_000_000, using: &random))
            let decision = table.take(7, at: now)
            #expect((decision.retryAfter == 0) == (decision.remaining > 0), "seed \(seed)")
            guard decision.retryAfter > 0 else { continue }
            var copy = table
            #expect(!copy.take(7, at: now.advanced(by: decision.retryAfter - 1)).isAllowed, "seed \(seed)")
            #expect(copy.take(7, at: now.advanced(by: decision.retryAfter)).isAllowed, "seed \(seed)")
        }
    }

    @Test func fullAfterIsWhenTheWholeBurstIsBack() throws {
        var table = try Self.table(rate: 5, burst: 10)
        var last = table.take(1, at: Self.start)
        for _ in 0..<11 { last = table.take(1, at: Self.start) }
        var early = table
        #expect((0..<20).count { _ in early.take(1, at: Self.start.advanced(by: last.fullAfter - 1)).isAllowed } == 9)
        #expect((0..<20).count { _ in table.take(1, at: Self.start.advanced(by: last.fullAfter)).isAllowed } == 10)
    }

    @Test func refusalTakesNothing() throws {
        var table = try Self.table(rate: 1, burst: 1)
        _ = table.take(1, at: Self.start)
        for _ in 0..<1_000 { _ = table.take(1, at: Self.start.advanced(by: 1)) }
        #expect(table.take(1, at: Self.start.advanced(by: Self.second)).isAllowed)
    }

    @Test func tokenThatIsGivenBackMayBeTakenAgain() throws {
        var table = try Self.table(rate: 1, burst: 2)
        _ = table.take(1, at: Self.start)
        _ = table.take(1, at: Self.start)
        table.giveBack(1)
        #expect(table.take(1, at: Self.start).isAllowed)
        #expect(!table.take(1, at: Self.start).isAllowed)
    }

    @Test func givingBackToAFullBucketAddsNothing() throws {
        var table = try Self.table(rate: 1, burst: 2)
        _ = table.take(1, at: Self.start)
        let later = Self.start.advanced(by: 10 * Self.second)
        table.giveBack(1)
        table.giveBack(1)
        #expect((0..<5).count { _ in table.take(1, at: later).isAllowed } == 2)
    }

    @Test func givingBackToAForgottenBucketForgetsNoOther() throws {
        var table = try Self.table(rate: 1, burst: 1)
        for key in 1...8 as ClosedRange<UInt64> { _ = table.take(key, at: Self.start) }
        table.giveBack(9)
        #expect((1...8 as ClosedRange<UInt64>).allSatisfy { !table.take($0, at: Self.start).isAllowed })
    }

    /// The table has eight places: the ninth key takes that of the bucket that is nearest to full,
    /// and no other.
    @Test func fullTableForgetsTheBucketNearestToFull() throws {
        var table = try Self.table(rate: 1, burst: 2)
        for key in 1...8 as ClosedRange<UInt64> {
            _ = table.take(key, at: Self.start)
            if key != 5 { _ = table.take(key, at: Self.start) }
        }
        _ = table.take(9, at: Self.start)
        for key in [1, 2, 3, 4, 6, 7, 8] as [UInt64] {
            #expect(!table.take(key, at: Self.start).isAllowed, "key \(key)")
        }
        #expect(table.take(5, at: Self.start).remaining == 1)
    }

    /// Memory is bounded, so of many emptied buckets at most `entriesMax` are remembered.
    @Test(arguments: [8, 64, 1_024])
    func atMostEntriesMaxBucketsAreRemembered(entriesMax: Int) throws {
        var table = try Self.table(rate: 1, burst: 1, entriesMax: entriesMax)
        var random = SeededGenerator(seed: 99)
        let keys = (0..<entriesMax * 8).map { _ in random.next() }
        for key in keys { _ = table.take(key, at: Self.start) }
        // Each look is on a copy: looking itself takes places.
        let remembered = keys.count { key in
            var copy = table
            return !copy.take(key, at: Self.start).isAllowed
        }
        #expect(remembered <= entriesMax)
        #expect(remembered > entriesMax / 2)
    }
}
