import ServerAssembly

/// What was looked at, and how it is.
struct DoctorReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case healthy
        case findings = "checks"
    }

    private let findings: [Diagnosis.Finding]
    let healthy: Bool

    init(_ diagnosis: Diagnosis) {
        findings = diagnosis.findings
        healthy = diagnosis.isWell
    }

    /// Nothing is cut off: what is to be done stands in the details.
    func print(_ format: ReportFormat) {
        var table = TextTable(columns: [("CHECK", .left, true), ("VERDICT", .left, false), ("DETAIL", .left, true)])
        for finding in findings { table.add(finding.subject, finding.verdict.rawValue, finding.detail) }
        table.print(fitting: format == .wide ? nil : TextTable.usualWidth, wraps: true)
    }
}
