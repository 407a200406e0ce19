import ArgumentParser
import SaleCore
import SaleService

/// Instants as operators type them.
enum InstantText {
    static let future = "an RFC 3339 time with an offset, such as 2026-01-01T12:00:00Z, or a distance, such as +30m or -10m"
    static let past = "an RFC 3339 time with an offset, such as 2026-01-01T12:00:00Z, a date, such as 2026-01-01, or how long ago, such as 2h"

    /// Two thousand years, which lead to a year that Postgres has.
    private static let longest: Int64 = 730_500 * 86_400_000

    /// Where a sale is to begin or end.
    static func setting(_ text: String) throws -> SaleSettings.Instant {
        if let instant = Timestamp(rfc3339: text) { return .at(instant) }
        guard let sign = text.first, sign == "+" || sign == "-", let milliseconds = DurationText.milliseconds(String(text.dropFirst())) else {
            throw ValidationError("must be \(future)")
        }
        return .by(sign == "-" ? -milliseconds : milliseconds)
    }

    /// From or to where a list goes.
    static func bound(_ text: String) throws -> Timestamp {
        if let instant = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "T00:00:00Z") { return instant }
        guard let milliseconds = DurationText.milliseconds(text), milliseconds <= longest else { throw ValidationError("must be \(past)") }
        return Timestamp.now.advanced(milliseconds: -milliseconds)
    }
}

extension String {
    /// An instant of RFC 3339 in UTC, without the parts of its second.
    var toTheSecond: String {
        guard hasSuffix("Z"), let point = firstIndex(of: ".") else { return self }
        return self[..<point] + "Z"
    }
}

extension Option where Value == SaleSettings.Instant? {
    /// A negative distance is no flag.
    init(instant help: String) {
        self.init(parsing: .unconditional, help: ArgumentHelp(help, valueName: "time"), transform: InstantText.setting)
    }
}

/// The span of time that a list is of.
struct SpanOptions: ParsableArguments {
    @Option(help: ArgumentHelp("At or after this time, or that long ago, such as 2h.", valueName: "time"), transform: InstantText.bound)
    var since: Timestamp?
    @Option(help: ArgumentHelp("Before this time.", valueName: "time"), transform: InstantText.bound)
    var until: Timestamp?

    /// Nothing must not look like nothing found.
    func validate() throws {
        guard let since, let until, since >= until else { return }
        throw ValidationError("--since must be before --until: nothing is from \(since) to before \(until)")
    }
}
