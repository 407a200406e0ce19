extension Tally: Codable {
    private struct OutcomeCounts: Codable {
        var outcome: Outcome
        var latency: LatencyHistogram
    }

    private struct DetailCount: Codable {
        var outcome: Outcome
        var detail: String
        var count: UInt64
    }

    private enum CodingKeys: String, CodingKey {
        case outcomes, seconds, details, lag, connectionWait, offered, skipped, lastTakenUpAt, lastOutcomeAt, busy
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        for counts in try container.decode([OutcomeCounts].self, forKey: .outcomes) { latencies[counts.outcome.index] = counts.latency }
        for count in try container.decode([DetailCount].self, forKey: .details) {
            details[Detail(outcome: count.outcome, text: count.detail)] = count.count
        }
        seconds = try container.decode([Second].self, forKey: .seconds)
        lag = try container.decode(LatencyHistogram.self, forKey: .lag)
        connectionWait = try container.decode(LatencyHistogram.self, forKey: .connectionWait)
        offered = try container.decode(UInt64.self, forKey: .offered)
        skipped = try container.decode(UInt64.self, forKey: .skipped)
        lastTakenUpAt = try container.decode(UInt64.self, forKey: .lastTakenUpAt)
        lastOutcomeAt = try container.decode(UInt64.self, forKey: .lastOutcomeAt)
        busy = try container.decode(ThreadShare.self, forKey: .busy)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(
            Outcome.allCases.filter { count($0) > 0 }.map { OutcomeCounts(outcome: $0, latency: latency($0)) }, forKey: .outcomes)
        try container.encode(
            details.map { DetailCount(outcome: $0.key.outcome, detail: $0.key.text, count: $0.value) }
                .sorted { ($0.outcome.rawValue, $0.detail) < ($1.outcome.rawValue, $1.detail) }, forKey: .details)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(lag, forKey: .lag)
        try container.encode(connectionWait, forKey: .connectionWait)
        try container.encode(offered, forKey: .offered)
        try container.encode(skipped, forKey: .skipped)
        try container.encode(lastTakenUpAt, forKey: .lastTakenUpAt)
        try container.encode(lastOutcomeAt, forKey: .lastOutcomeAt)
        try container.encode(busy, forKey: .busy)
    }
}

/// As a list of microseconds and counts, taking turns.
extension LatencyHistogram: Codable {
    package init(from decoder: any Decoder) throws {
        self.init()
        for (value, count) in pairs(try [UInt64](from: decoder)) { record(microseconds: value, count: count) }
    }

    package func encode(to encoder: any Encoder) throws {
        try recorded.flatMap { [$0.microseconds, $0.count] }.encode(to: encoder)
    }
}

/// As a list of bucket numbers and counts, taking turns.
extension SecondHistogram: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(
            counts: Dictionary(
                pairs(try [UInt64](from: decoder)).map { (UInt16(truncatingIfNeeded: $0), $1) }, uniquingKeysWith: +))
    }

    package func encode(to encoder: any Encoder) throws {
        try counts.sorted { $0.key < $1.key }.flatMap { [UInt64($0.key), $0.value] }.encode(to: encoder)
    }
}

private func pairs(_ flat: [UInt64]) -> [(UInt64, UInt64)] {
    stride(from: 0, to: flat.count - 1, by: 2).map { (flat[$0], flat[$0 + 1]) }
}
