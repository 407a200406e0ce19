package import SaleCore

/// What a node says of itself every second, for people and their tools: nothing of the service
/// depends on it.
package struct NodeHeartbeat: Sendable, Equatable {
    package var id: String
    package var version: String
    package var startedAt: Timestamp
    /// Where buyers connect, and where operators' tools do.
    package var address: String
    package var adminAddress: String
    package var isDraining: Bool
    /// What readiness looks at, by name: empty for what is well, else what is not.
    package var checks: [String: String]
    /// What this node obeys, by sale: see `Sale.revision`.
    package var revisions: [SaleID: Int64]
    /// Counters and gauges, by name and labels as `/metrics` shows them; those at 0 are left out.
    package var figures: [String: Double]
    /// By the store's clock; not told by the node.
    package var seenAt: Timestamp?

    package init(
        id: String, version: String, startedAt: Timestamp, address: String, adminAddress: String, isDraining: Bool, checks: [String: String],
        revisions: [SaleID: Int64], figures: [String: Double], seenAt: Timestamp? = nil
    ) {
        self.id = id
        self.version = version
        self.startedAt = startedAt
        self.address = address
        self.adminAddress = adminAddress
        self.isDraining = isDraining
        self.checks = checks
        self.revisions = revisions
        self.figures = figures
        self.seenAt = seenAt
    }

    /// A node that has not looked yet is not ready.
    package var isReady: Bool { !checks.isEmpty && checks.values.allSatisfy(\.isEmpty) }
}

extension NodeHeartbeat {
    private enum Prefix {
        static let check = "check:"
        static let metric = "metric:"
    }

    /// As a flat hash holds it. All sales have one field together: a thousand fields every second
    /// would keep Redis for milliseconds from those who buy.
    package var fields: [String: String] {
        var fields = [
            "version": version, "started_at": "\(startedAt)", "address": address, "admin_address": adminAddress, "draining": isDraining ? "1" : "0",
            "sales": revisions.map { "\($0.key)=\($0.value)" }.joined(separator: " "),
        ]
        for (name, detail) in checks { fields[Prefix.check + name] = detail }
        for (name, value) in figures { fields[Prefix.metric + name] = "\(value)" }
        return fields
    }

    /// Reads what a node of this version or of another one wrote: what is not known is passed over,
    /// what is missing is empty.
    package init(id: String, fields: [String: String], seenAt: Timestamp?) {
        self.init(
            id: id, version: fields["version"] ?? "",
            startedAt: fields["started_at"].flatMap { Timestamp(rfc3339: $0) } ?? Timestamp(milliseconds: 0),
            address: fields["address"] ?? "", adminAddress: fields["admin_address"] ?? "", isDraining: fields["draining"] == "1", checks: [:],
            revisions: [:], figures: [:], seenAt: seenAt)
        for word in fields["sales", default: ""].split(separator: " ") {
            let parts = word.split(separator: "=").map(String.init)
            if parts.count == 2, let sale = SaleID(parts[0]), let revision = Int64(parts[1]) { revisions[sale] = revision }
        }
        for (name, value) in fields {
            if name.hasPrefix(Prefix.check) {
                checks[String(name.dropFirst(Prefix.check.count))] = value
            } else if name.hasPrefix(Prefix.metric) {
                figures[String(name.dropFirst(Prefix.metric.count))] = Double(value)
            }
        }
    }
}

extension Sale {
    /// Grows with every change by an operator that nodes obey: of status, window, limits and stock.
    package var revision: Int64 { items.reduce(version) { $0 + $1.version } }
}
