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

    func print() {
        var table = TextTable(("CHECK", .left), ("VERDICT", .left), ("DETAIL", .left))
        for finding in findings { table.add(finding.subject, finding.verdict.rawValue, finding.detail) }
        table.print()
    }
}
