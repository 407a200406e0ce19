import LoadModel
import Testing

@Suite struct TrendTests {
    static func drift(seconds: Int = 100, _ value: (Int) -> Double) -> Trend? {
        Trend("memory", unit: "MiB", points: (0..<seconds).map { (Double($0), value($0)) })
    }

    @Test func steadyRiseIsItsSlope() throws {
        let drift = try #require(Self.drift { 100 + Double($0) })
        #expect(abs(drift.slopePerHour - 3_600) < 1e-6)
        #expect(abs(drift.growthShare - 89 / 154.5) < 0.01)
        #expect(!drift.finding("memory", shareMax: 0.1, tolerance: 4).passed)
    }

    @Test func theBeginningIsNotLookedAt() throws {
        let drift = try #require(Self.drift { $0 < 9 ? Double($0) : 100 })
        #expect(drift.slopePerHour == 0 && drift.median == 100)
    }

    @Test func aFewOutliersDoNotMakeASlope() throws {
        let drift = try #require(Self.drift { $0 % 20 == 19 ? 500 : 100 })
        #expect(drift.slopePerHour == 0)
        #expect(drift.finding("memory", shareMax: 0, tolerance: 0).passed)
    }

    @Test func littleGrowthSaysNothing() throws {
        let drift = try #require(Self.drift { 1 + Double($0) * 0.01 })
        #expect(drift.finding("memory", shareMax: 0.1, tolerance: 1).passed)
        #expect(!drift.finding("memory", shareMax: 0.1, tolerance: 0.5).passed)
    }

    @Test func longRunsAreComparedInStretches() throws {
        let drift = try #require(Self.drift(seconds: 10_000) { 100 + Double($0) / 100 })
        #expect(abs(drift.slopePerHour - 36) < 0.1)
    }

    @Test func aShortRunTellsNothing() {
        #expect(Self.drift(seconds: 4) { _ in 1 } == nil)
        #expect(Self.drift(seconds: 0) { _ in 1 } == nil)
    }
}
