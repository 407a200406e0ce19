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

@Suite struct OrderIDGeneratorTests {
    @Test func idCarriesVersionVariantAndInstant() {
        var generator = OrderIDGenerator(random: SeededGenerator(seed: 5))
        for step in 0..<2_000 as Range<Int64> {
            let now = Timestamp(milliseconds: 1_700_000_000_000 + step)
            let id = generator.next(at: now)
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
                let id = generator.next(at: Timestamp(milliseconds: milliseconds))
                #expect(id.high > last.high, "seed \(seed)")
                last = id
            }
        }
    }

    @Test func fullMillisecondCarriesIntoTheNext() {
        var generator = OrderIDGenerator(random: SeededGenerator(seed: 9))
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let ids = (0...4_096).map { _ in generator.next(at: now) }
        #expect(ids[4_095].createdAt == now)
        #expect(ids[4_096].createdAt == now.advanced(milliseconds: 1))
        #expect(ids.allSatisfy { $0.high >> 12 & 0xF == 7 })
        #expect(Set(ids.map(\.high)).count == ids.count)
    }

    @Test func clockThatCatchesUpIsFollowedAgain() {
        var generator = OrderIDGenerator(random: SeededGenerator(seed: 10))
        _ = generator.next(at: Timestamp(milliseconds: 2_000))
        #expect(generator.next(at: Timestamp(milliseconds: 1_000)).createdAt == Timestamp(milliseconds: 2_000))
        #expect(generator.next(at: Timestamp(milliseconds: 3_000)).createdAt == Timestamp(milliseconds: 3_000))
    }
}
