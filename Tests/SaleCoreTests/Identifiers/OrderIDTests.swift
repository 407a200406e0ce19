import SaleCore
import Testing

@Suite struct OrderIDTests {
    /// The example of RFC 9562, appendix A.6.
    static let example = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

    @Test func exampleOfTheRFCIsRead() throws {
        let id = try #require(OrderID(Self.example))
        #expect(id.high == 0x017F_22E2_79B0_7CC3)
        #expect(id.low == 0x98C4_DC0C_0C07_398F)
        #expect(id.createdAt == Timestamp(rfc3339: "2022-02-22T19:22:22Z"))
        #expect(id.description == Self.example)
    }

    @Test func capitalsAreReadAndWrittenSmall() {
        #expect(OrderID(Self.example.uppercased())?.description == Self.example)
    }

    @Test(arguments: [
        "", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
        "017f22e2079b0-7cc3-98c4-dc0c0c07398f", "g17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398\u{0}", "017f22e2-79b0-7cc3-98c4-dc0c0c0739é", " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(OrderID(text) == nil)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyIDSurvivesItsText(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let id = OrderID(high: random.next(), low: random.next())
            #expect(OrderID(id.description) == id, "seed \(seed)")
        }
    }

    @Test func orderOfIDsIsTheOrderOfTheirTexts() {
        var random = SeededGenerator(seed: 4)
        let ids = (0..<500).map { _ in OrderID(high: random.next() >> 60, low: random.next()) }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }
}

@Suite struct SaleHintTests {
    @Test func anIDHintsAtTheSaleThatItWasMadeFor() {
        var generator = OrderIDGenerator(random: SeededGenerator(seed: 11))
        for name in ["a", "rush", "summer-2026", String(repeating: "z", count: 64)] {
            let hint = SaleHint(of: SaleID(name)!)
            for _ in 0..<200 { #expect(generator.next(at: Timestamp(milliseconds: 1_700_000_000_000), hint: hint).hint == hint) }
        }
    }

    /// Nodes of two versions must agree.
    @Test func aSalesHintIsForEver() {
        #expect(SaleHint(of: SaleID("demo")!).bits == 0x7EB)
        #expect(SaleHint(of: SaleID("rush")!).bits == 0xD5A)
    }

    @Test func anIDOfAnOlderVersionHintsAtNothing() throws {
        #expect(try #require(OrderID(OrderIDTests.example)).hint == nil)
        var random = SeededGenerator(seed: 12)
        let ids = (0..<10_000).map { _ in OrderID(high: random.next(), low: random.next() >> 2 | 0x8000_0000_0000_0000) }
        // One of 1,024 looks like one with a hint.
        #expect(ids.count { $0.hint != nil } < 30)
    }

    /// An id that nobody made up is looked for in one sale of 4,096.
    @Test func hintsOfManySalesAreSpread() {
        var counts: [SaleHint: Int] = [:]
        for number in 0..<10_000 { counts[SaleHint(of: SaleID("sale-\(number)")!), default: 0] += 1 }
        #expect(counts.count > 3_500)
        #expect(counts.values.max()! <= 12)
    }

    @Test(arguments: [0x8010_0000_0000_0000, 0xC000_0000_0000_0000, 0xA000_0000_0000_0000, 0x0000_0000_0000_0000] as [UInt64])
    func bitsThatAreKeptFreeMustBeZero(low: UInt64) {
        #expect(OrderID(high: 0x018F_4A00_0000_7001, low: low).hint == nil)
    }
}

@Suite struct OrderIDGeneratorTests {
    private static let hint = SaleHint(of: SaleID("demo")!)

    @Test func idCarriesVersionVariantAndInstant() {
        var generator = OrderIDGenerator(random: SeededGenerator(seed: 5))
        for step in 0..<2_000 as Range<Int64> {
            let now = Timestamp(milliseconds: 1_700_000_000_000 + step)
            let id = generator.next(at: now, hint: Self.hint)
            #expect(id.high >> 12 & 0xF == 7)
            #expect(id.low >> 62 == 0b10)
            #expect(id.createdAt == now)
        }
    }

    /// A clock that jumps both ways, with more than 4,096 ids in one millisecond.
    @Test(arguments: [6, 7, 8] as [UInt64])
    func idsNeverGoBackwards(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var generator = OrderIDGenerator(random: SeededGenerator(seed: seed &+ 100))
        var milliseconds: Int64 = 1_700_000_000_000
        var last = OrderID(high: 0, low: 0)
        for _ in 0..<200 {
            milliseconds += Int64.random(in: -50...50, using: &random)
            for _ in 0..<Int.random(in: 1...100, using: &random) {
                let id = generator.next(at: Timestamp(milliseconds: milliseconds), hint: Self.hint)
                #expect(id.high > last.high, "seed \(seed)")
                last = id
            }
        }
    }

    /// At least 2,049 ids fit, and then the milliseconds run ahead.
    @Test func fullMillisecondCarriesIntoTheNext() {
        var generator = OrderIDGenerator(random: SeededGenerator(seed: 9))
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let ids = (0...4_096).map { _ in generator.next(at: now, hint: Self.hint) }
        #expect(ids[2_048].createdAt == now)
        #expect(ids[4_096].createdAt == now.advanced(milliseconds: 1))
        #expect(ids.allSatisfy { $0.high >> 12 & 0xF == 7 })
        #expect(Set(ids.map(\.high)).count == ids.count)
    }

    /// The counter is a random number's eleven bits then, beside the forty that are random anyway.
    @Test func generatorsOfOneMillisecondDifferInTheirCounters() {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        var highs: Set<UInt64> = []
        for seed in 0..<1_000 as Range<UInt64> {
            var generator = OrderIDGenerator(random: SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15))
            highs.insert(generator.next(at: now, hint: Self.hint).high)
        }
        #expect(highs.count > 700)
    }

    @Test func clockThatCatchesUpIsFollowedAgain() {
        var generator = OrderIDGenerator(random: SeededGenerator(seed: 10))
        _ = generator.next(at: Timestamp(milliseconds: 2_000), hint: Self.hint)
        #expect(generator.next(at: Timestamp(milliseconds: 1_000), hint: Self.hint).createdAt == Timestamp(milliseconds: 2_000))
        #expect(generator.next(at: Timestamp(milliseconds: 3_000), hint: Self.hint).createdAt == Timestamp(milliseconds: 3_000))
    }
}
