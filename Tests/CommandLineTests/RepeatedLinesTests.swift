import Logging
import SaleCore
import SaleService
import Testing

@testable import seckill

@Suite struct RepeatedLinesTests {
    private static let second: UInt64 = 1_000_000_000

    private static func line(
        _ message: String = "sale not repaired", at now: UInt64 = 0, level: Logger.Level = .error, fields: [String: String] = [:]
    )
        -> LogLine
    {
        LogLine(time: Timestamp(milliseconds: Int64(now / 1_000_000)), level: level, label: "test", message: message, fields: fields)
    }

    /// What is told when `line` comes every `interval` from `first` until `last`, all in seconds,
    /// and nothing else happens until `end`.
    private static func told(every interval: Double, from first: Double = 0, until last: Double, end: Double) -> [(second: Double, repeated: String?)]
    {
        var lines = RepeatedLines()
        var told: [(Double, String?)] = []
        var arrivals = Array(stride(from: first, through: last, by: interval).map { UInt64($0 * Double(second)) }.reversed())
        while true {
            let arrival = arrivals.last ?? .max
            let due = lines.nextDue?.nanoseconds ?? .max
            let now = min(arrival, due)
            guard now <= UInt64(end * Double(second)) else { return told }
            let instant = Double(now) / Double(second)
            if now == due {
                for summary in lines.due(at: MonotonicInstant(nanoseconds: now)) { told.append((instant, summary.fields[LogKey.repeated])) }
            } else {
                arrivals.removeLast()
                if lines.tells(line(at: now), at: MonotonicInstant(nanoseconds: now)) { told.append((instant, nil)) }
            }
        }
    }

    @Test func aLineIsToldAtOnceAndItsRepetitionsAreCountedEverMoreSeldom() {
        let told = Self.told(every: 0.4, until: 100, end: 200)
        #expect(told.map(\.second) == [0, 10, 30, 70, 110])
        // The last one is told when it stayed away: 251 lines in all.
        #expect(told.map(\.repeated) == [nil, "24", "50", "100", "76"])
        #expect(told.compactMap { $0.repeated.flatMap { Int($0) } }.reduce(1, +) == 251)
    }

    @Test func aLineThatComesSeldomIsToldEachTime() {
        let told = Self.told(every: 11, until: 55, end: 200)
        #expect(told.map(\.second) == [0, 11, 22, 33, 44, 55])
        #expect(told.allSatisfy { $0.repeated == nil })
    }

    @Test func whatGoesOnForADayIsToldEveryTenMinutes() {
        let told = Self.told(every: 1, until: 86_400, end: 90_000)
        #expect(told.count < 160)
        #expect(zip(told, told.dropFirst()).allSatisfy { $1.second - $0.second <= 600 })
        #expect(told.compactMap { $0.repeated.flatMap { Int($0) } }.reduce(1, +) == 86_401)
    }

    /// Whether each of `lines` is told when they come at once, one after the other.
    private static func told(_ lines: [LogLine], at now: MonotonicInstant = .earliest, to repeated: inout RepeatedLines) -> [Bool] {
        lines.map { repeated.tells($0, at: now) }
    }

    @Test(arguments: [
        line(fields: [LogKey.sale: "a"]), line(fields: [LogKey.sale: "a", LogKey.error: "x"]), line("sale rebuilt"), line(level: .warning),
    ])
    func anotherLineIsNoRepetition(other: LogLine) {
        var lines = RepeatedLines()
        let told = Self.told([Self.line(), other, other], to: &lines)
        #expect(told == [true, true, false])
    }

    @Test(arguments: [LogKey.count, LogKey.epoch, LogKey.order, LogKey.requestID])
    func whatIsOfOneEventAloneMakesNoOtherLine(key: String) {
        var lines = RepeatedLines()
        let told = Self.told([Self.line(fields: [key: "1"]), Self.line(fields: [key: "2"])], to: &lines)
        #expect(told == [true, false])
        let rest = lines.rest().map(\.fields)
        #expect(rest == [[key: "2", LogKey.repeated: "1"]])
    }

    @Test(arguments: ["request answered", "order cancelled", "payment recorded", "refund recorded"])
    func whatTellsOfOneEventIsNoRepetition(message: String) {
        var lines = RepeatedLines()
        let told = Self.told([Self.line(message, level: .info), Self.line(message, level: .info)], to: &lines)
        #expect(told == [true, true])
    }

    @Test(arguments: [Logger.Level.trace, .debug])
    func whoeverAsksForMoreHearsAll(level: Logger.Level) {
        var lines = RepeatedLines()
        let told = Self.told([Self.line(level: level), Self.line(level: level)], to: &lines)
        #expect(told == [true, true])
    }

    @Test func anEndTellsWhatWasCountedAndNothingElse() {
        var lines = RepeatedLines()
        _ = Self.told([Self.line("once"), Self.line("often"), Self.line("often"), Self.line("often")], to: &lines)
        let rest = lines.rest()
        #expect(rest.map(\.message) == ["often"])
        #expect(rest.map { $0.fields[LogKey.repeated] } == ["2"])
        let nothing = lines.rest()
        #expect(nothing.isEmpty)
    }

    @Test func noMoreKindsAreRememberedThanTheBoundSays() {
        var lines = RepeatedLines()
        let all = (0...Limits.logRepeatedLinesMax).map { Self.line("\($0)") }
        let first = Self.told(all, to: &lines)
        #expect(!first.contains(false))
        // The last of them found no room.
        let again = Self.told([all[0], all[all.count - 1]], to: &lines)
        #expect(again == [false, true])
        // Those that stay away make some.
        let quiet = MonotonicInstant(nanoseconds: RepeatedLines.quietNanoseconds)
        _ = lines.due(at: quiet)
        let new = Self.told([Self.line("new"), Self.line("new")], at: quiet, to: &lines)
        #expect(new == [true, false])
    }
}
