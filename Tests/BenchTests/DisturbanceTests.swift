import BenchModel
import Testing

@Suite struct DisturbanceTests {
    @Test func theFirstLineOfProcStatIsRead() throws {
        let times = try #require(CPUTimes(stat: "cpu  100 20 30 800 5 7 8 30 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n"))
        #expect(times == CPUTimes(busy: 150, stolen: 30, total: 1_000))
    }

    @Test(arguments: ["", "cpu0 1 2 3 4 5 6 7 8 0 0", "cpu 1 2 3", "cpu  a b c d e f g h"])
    func anotherTextIsNotProcStat(text: String) {
        #expect(CPUTimes(stat: text) == nil)
    }

    @Test(arguments: [
        // busy, own, others, stolen, of 1,000 ticks
        (500, 500, 0, 0, false), (500, 460, 0, 0, false), (500, 440, 0, 0, true), (500, 520, 0, 0, false), (500, 520, 60, 0, true),
        (0, 0, 0, 60, true), (500, 500, 40, 40, false),
    ])
    func aMachineThatDoesMuchElseIsDisturbed(busy: UInt64, own: UInt64, others: UInt64, stolen: UInt64, isTooMuch: Bool) {
        let before = CPUTimes(busy: 7, stolen: 7, total: 7)
        let after = CPUTimes(busy: 7 + busy, stolen: 7 + stolen, total: 1_007)
        #expect(Disturbance(from: before, to: after, ownTicks: own, otherTicks: others).isTooMuch == isTooMuch)
    }

    @Test func twoReadingsOfOneMomentAreQuiet() {
        let times = CPUTimes(busy: 7, stolen: 7, total: 7)
        #expect(!Disturbance(from: times, to: times, ownTicks: 0, otherTicks: 0).isTooMuch)
    }
}
