/// One column of a list.
struct Column<Row>: Sendable {
    /// As data have it: the header of CSV, and mostly the name that JSON has.
    let key: String
    /// For people.
    let title: String
    let alignment: TextTable.Alignment
    /// Left out of a table of 80 columns' width.
    let isWide: Bool
    /// Stands for others in a table of 80 columns' width, and nowhere else.
    let isDigest: Bool
    /// May be cut off to make a table fit.
    let isFlexible: Bool
    let text: @Sendable (Row) -> String
    let data: @Sendable (Row) -> String

    /// - Parameters:
    ///   - text: for people.
    ///   - data: for programs; the same unless given.
    init(
        _ key: String, _ title: String? = nil, _ alignment: TextTable.Alignment = .left, isWide: Bool = false, isFlexible: Bool = false,
        isDigest: Bool = false, data: (@Sendable (Row) -> String)? = nil,
        text: @escaping @Sendable (Row) -> String
    ) {
        self.key = key
        self.title = title ?? key.uppercased().replacing("_", with: " ")
        self.alignment = alignment
        self.isWide = isWide
        self.isFlexible = isFlexible
        self.isDigest = isDigest
        self.text = text
        self.data = data ?? text
    }
}

/// What stands in lists: one line, one object, one row.
protocol Listed: Encodable {
    /// What does not fit into a cell goes on below it, and is not cut off.
    static var isWrapped: Bool { get }
    static var columns: [Column<Self>] { get }
    /// Of the list, in JSON.
    static var plural: String { get }
    /// What `-o name` prints, and other commands take.
    var name: String { get }
}

extension Listed {
    static var isWrapped: Bool { false }
}
