/// Figures of all nodes together, as a difference between two looks: counters say how much since
/// their process began, and a node that began anew must not count backwards.
package struct FleetFigures: Sendable, Equatable {
    /// By name and labels, as nodes tell them.
    package private(set) var counts: [String: Double] = [:]

    /// Of what a node that was not there before has counted, nothing says when.
    package init(from earlier: [NodeHeartbeat], to later: [NodeHeartbeat]) {
        let known = Dictionary(earlier.map { ($0.id, $0.figures) }) { $1 }
        for node in later {
            guard let before = known[node.id] else { continue }
            for (name, value) in node.figures { counts[name, default: 0] += value - (before[name] ?? 0) }
        }
    }

    /// Since the processes began.
    package init(of nodes: [NodeHeartbeat]) {
        for node in nodes { for (name, value) in node.figures { counts[name, default: 0] += value } }
    }

    /// What a family counted, by the value of its label `label`.
    package func counts(of family: String, by label: String) -> [String: Double] {
        counts.reduce(into: [:]) { sums, figure in
            guard figure.key.hasPrefix(family + "{"), let value = Self.value(of: label, in: figure.key) else { return }
            sums[value, default: 0] += figure.value
        }
    }

    package func sum(of family: String) -> Double {
        counts.reduce(0) { $0 + ($1.key == family || $1.key.hasPrefix(family + "{") ? $1.value : 0) }
    }

    /// The bound below which the share `quantile` of a histogram lies, in its unit; `nil` when it
    /// counted nothing. Infinite when that is beyond every bound.
    package func quantile(_ quantile: Double, of histogram: String) -> Double? {
        let buckets = counts(of: histogram + "_bucket", by: "le").compactMap { bound, count in
            (bound == "+Inf" ? .infinity : Double(bound)).map { (bound: $0, count: count) }
        }.sorted { $0.bound < $1.bound }
        guard let total = buckets.map(\.count).max(), total > 0 else { return nil }
        return buckets.first { $0.count >= total * quantile }?.bound
    }

    /// How many a histogram counted in each of its buckets alone, by the value of its label `label`
    /// (all of it under the empty one without). What was beyond the last bound is in none.
    ///
    /// - Parameter bounds: the upper bound of each bucket, ascending.
    package func buckets(of histogram: String, by label: String?, bounds: [Double]) -> [String: [Int64]] {
        var sums: [String: [Double: Double]] = [:]
        for (name, count) in counts where name.hasPrefix(histogram + "_bucket{") {
            guard let bound = Self.value(of: "le", in: name).flatMap({ Double($0) }) else { continue }
            let value = label.flatMap { Self.value(of: $0, in: name) } ?? ""
            sums[value, default: [:]][bound, default: 0] += count
        }
        return sums.mapValues { sums in
            var below = 0.0
            return bounds.map { bound in
                let upTo = sums[bound] ?? below
                defer { below = upTo }
                return Int64(upTo - below)
            }
        }
    }

    private static func value(of label: String, in name: String) -> String? {
        guard let start = name.range(of: label + "=\"") else { return nil }
        return String(name[start.upperBound...].prefix { $0 != "\"" })
    }
}

extension String {
    /// The first place of `text`.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
