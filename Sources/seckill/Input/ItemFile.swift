import SaleCore

/// The CSV of `seckill stock load`.
enum ItemFile {
    static let columns = ["sku", "title", "unit_price", "currency", "stock", "limit_per_user"]
    /// As much as a sale file may have.
    static let bytesMax = SaleFile.bytesMax

    /// Reads items. Every bad line is named by its number; nothing is to be loaded when there is
    /// one. Empty lines at the end, and lines of commas as spreadsheets leave them of deleted rows,
    /// are no records.
    ///
    /// - Parameter bytes: UTF-8 with a header line that names exactly `columns`, in their order.
    static func read(_ bytes: [UInt8]) throws(InvalidInput) -> [SaleDefinition.Item] {
        if TextEncoding.isUTF16(bytes), let violation = TextEncoding.violation(in: bytes) { throw InvalidInput([violation]) }
        var reader = CSVReader(bytes)
        var blanks: [Violation] = []
        var violations: [Violation] = []
        var items: [SaleDefinition.Item] = []
        var firstLines: [String: Int] = [:]

        switch reader.next() {
        case .success(let header) where header.fields == columns: break
        case .success(let header):
            throw InvalidInput([
                Violation(
                    line: header.line, field: "header",
                    reason: "must be \(columns.joined(separator: ",")), not \(header.fields.joined(separator: ","))")
            ])
        case .failure(let fault): throw InvalidInput([Violation(line: fault.line, field: "record", reason: fault.reason)])
        case nil: throw InvalidInput([Violation(line: 1, field: "file", reason: "is empty")])
        }
        while let record = reader.next() {
            if case .success(let record) = record, record.fields.allSatisfy(\.isEmpty) {
                blanks.append(Violation(line: record.line, field: "record", reason: "is empty"))
                continue
            }
            violations += blanks
            blanks = []
            guard items.count <= SaleDefinition.itemsMax else { throw InvalidInput([SaleDefinition.tooManyItems]) }
            switch record {
            case .failure(let fault):
                violations.append(Violation(line: fault.line, field: "record", reason: fault.reason))
            case .success(let record):
                guard let item = item(record, &violations) else { continue }
                if let first = firstLines[item.sku] {
                    violations.append(Violation(line: record.line, field: "sku", reason: "\"\(item.sku)\" is already on line \(first)"))
                    continue
                }
                firstLines[item.sku] = record.line
                items.append(item)
            }
        }
        violations += SaleDefinition.violations(of: items).map { violation in
            // `items[3].stock` is a place in the YAML; here the line says where.
            let field = violation.field.split(separator: ".").last.map(String.init) ?? violation.field
            return Violation(line: violation.line, field: field, reason: violation.reason)
        }
        if items.isEmpty && violations.isEmpty { violations.append(Violation(field: "file", reason: "has no items below its header")) }
        guard violations.isEmpty else { throw InvalidInput(violations.sorted { ($0.line ?? 0) < ($1.line ?? 0) }) }
        return items
    }

    private static func item(_ record: CSVReader.Record, _ violations: inout [Violation]) -> SaleDefinition.Item? {
        let fields = record.fields
        guard fields.count == columns.count else {
            violations.append(Violation(line: record.line, field: "record", reason: "has \(fields.count) fields, not \(columns.count)"))
            return nil
        }
        func integer(_ index: Int) -> Int64? {
            if let number = Int64(wholeNumber: fields[index]) { return number }
            violations.append(
                Violation(line: record.line, field: columns[index], reason: "must be a whole number, not \"\(fields[index])\""))
            return nil
        }
        let (unitPrice, stock, limit) = (integer(2), integer(4), integer(5))
        guard let unitPrice, let stock, let limit else { return nil }
        return SaleDefinition.Item(
            sku: fields[0], title: fields[1], unitPrice: unitPrice, currency: fields[3], stock: stock, limitPerUser: Int(limit),
            line: record.line)
    }
}
