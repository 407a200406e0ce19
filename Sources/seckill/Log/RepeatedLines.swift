import Logging
import SaleCore
import SaleService

/// Decides which lines are told at once. The same line again, before it was quiet for
/// `quietNanoseconds`, is held and counted; how often it came is told after that time, then each
/// time after twice as long, and once more when it stays away. Reads no clock.
struct RepeatedLines {
    /// A line that stayed away for so long is news again.
    static let quietNanoseconds: UInt64 = 10_000_000_000
    /// What goes on for hours is told of so often.
    static let longestIntervalNanoseconds: UInt64 = 600_000_000_000

    /// What makes two lines the same: all but the time, and those fields whose values are of one
    /// event alone.
    private struct Kind: Hashable {
        var level: Logger.Level
        var label: String
        var message: String
        var fields: [String: String]

        init(_ line: LogLine) {
            (level, label, message) = (line.level, line.label, line.message)
            fields = line.fields.filter { !LogKey.ofOneEvent.contains($0.key) }
        }
    }

    private struct Run {
        var last: LogLine
        var lastSeenAt: MonotonicInstant
        var held = 0
        var interval = quietNanoseconds
        var tellAt: MonotonicInstant

        init(_ line: LogLine, at now: MonotonicInstant) {
            last = line
            lastSeenAt = now
            tellAt = now.advanced(by: interval)
        }

        var quietAt: MonotonicInstant { lastSeenAt.advanced(by: quietNanoseconds) }
        var dueAt: MonotonicInstant { min(tellAt, quietAt) }
        var summary: LogLine? {
            guard held > 0 else { return nil }
            var line = last
            line.fields[LogKey.repeated] = "\(held)"
            return line
        }
    }

    private var runs: [Kind: Run] = [:]

    /// Whether `line` is told now; otherwise it is counted.
    mutating func tells(_ line: LogLine, at now: MonotonicInstant) -> Bool {
        // Whoever asks for more wants all of it.
        guard line.level >= .info, !LogMessage.neverRepeated.contains(line.message) else { return true }
        let kind = Kind(line)
        if var run = runs[kind], run.held > 0 || now < run.quietAt {
            run.held += 1
            run.last = line
            run.lastSeenAt = now
            runs[kind] = run
            return false
        }
        // More kinds than that are no repetition.
        if runs.count < Limits.logRepeatedLinesMax || runs[kind] != nil { runs[kind] = Run(line, at: now) }
        return true
    }

    /// When `due` has something to do; `nil` while nothing repeats.
    var nextDue: MonotonicInstant? { runs.values.lazy.map(\.dueAt).min() }

    /// The lines that say how often something was repeated, in the order in which it was seen last.
    mutating func due(at now: MonotonicInstant) -> [LogLine] {
        var told: [LogLine] = []
        for (kind, var run) in runs where run.dueAt <= now {
            if let summary = run.summary { told.append(summary) }
            if run.quietAt <= now {
                runs[kind] = nil
            } else {
                run.held = 0
                run.interval = min(run.interval * 2, Self.longestIntervalNanoseconds)
                run.tellAt = now.advanced(by: run.interval)
                runs[kind] = run
            }
        }
        return told.sorted { $0.time < $1.time }
    }

    /// The same, of all that is counted and was not told: nothing comes after it.
    mutating func rest() -> [LogLine] {
        defer { runs = [:] }
        return runs.values.compactMap(\.summary).sorted { $0.time < $1.time }
    }
}
