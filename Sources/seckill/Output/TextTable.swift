/// Columns for people to read.
struct TextTable {
    enum Alignment {
        case left
        case right
    }

    /// Of a terminal that nobody has widened.
    static let usualWidth = 80
    /// Narrower, nobody knows what stood there.
    private static let flexibleWidthMin = 8

    private let columns: [(title: String, alignment: Alignment, isFlexible: Bool)]
    private var rows: [[String]] = []

    init(_ columns: (String, Alignment)...) {
        self.columns = columns.map { (title: $0.0, alignment: $0.1, isFlexible: false) }
    }

    init(columns: [(String, Alignment, Bool)]) {
        self.columns = columns.map { (title: $0.0, alignment: $0.1, isFlexible: $0.2) }
    }

    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    mutating func add(cells: [String]) {
        rows.append(cells)
    }

    var isEmpty: Bool { rows.isEmpty }

    /// - Parameters:
    ///   - width: to which flexible columns are narrowed, as far as they can be.
    ///   - wraps: what does not fit into a cell goes on below it, and is not cut off.
    func print(fitting width: Int? = nil, wraps: Bool = false) {
        let titles = columns.map(\.title)
        var rows = rows.flatMap { Self.spread($0.map { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }) }
        var widths = widths(of: rows)
        if let width { shrink(&widths, to: width) }
        if wraps {
            rows = rows.flatMap { row in Self.spread(row.indices.map { row[$0].wrapped(to: widths[$0]) }) }
            widths = self.widths(of: rows)
        }
        Console.data(Console.paint(line(titles, widths), .bold, on: 1))
        for row in rows { Console.data(line(row, widths)) }
    }

    private func widths(of rows: [[String]]) -> [Int] {
        columns.indices.map { column in ([columns[column].title] + rows.map { $0[column] }).map(\.terminalWidth).max() ?? 0 }
    }

    /// One row for each line of the cell that has most.
    private static func spread(_ cells: [[String]]) -> [[String]] {
        (0..<(cells.map(\.count).max() ?? 0)).map { line in cells.map { line < $0.count ? $0[line] : "" } }
    }

    /// The widest flexible column first.
    private func shrink(_ widths: inout [Int], to width: Int) {
        while widths.reduce(2 * (widths.count - 1), +) > width {
            let flexible = columns.indices.filter { columns[$0].isFlexible && widths[$0] > Self.flexibleWidthMin }
            guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            let cell = cell.cut(to: widths[column])
            let padding = String(repeating: " ", count: widths[column] - cell.terminalWidth)
            line += columns[column].alignment == .left ? cell + padding : padding + cell
            if column < cells.count - 1 { line += "  " }
        }
        while line.hasSuffix(" ") { line.removeLast() }
        return line
    }
}

extension String {
    /// Lines of at most so many terminal cells, broken between words, and within a longer one. What
    /// stands between backticks is one word, and stays whole: it is there to be copied.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        for word in words.flatMap({ $0.contains("`") ? [$0] : $0.broken(to: width) }) {
            if let line = lines.last, line.terminalWidth + 1 + word.terminalWidth <= width {
                lines[lines.count - 1] = line + " " + word
            } else {
                lines.append(word)
            }
        }
        return lines.isEmpty ? [""] : lines
    }

    private var words: [String] {
        var words: [String] = []
        // A backtick without its pair is a letter.
        var left = count { $0 == "`" } / 2 * 2
        var isOpen = false
        for piece in split(separator: " ") {
            if isOpen, let last = words.last {
                words[words.count - 1] = last + " " + piece
            } else {
                words.append(String(piece))
            }
            let marks = min(left, piece.count { $0 == "`" })
            left -= marks
            if marks % 2 == 1 { isOpen.toggle() }
        }
        return words
    }

    /// At most so many terminal cells; what is cut off ends in `…`.
    func cut(to width: Int) -> String {
        guard terminalWidth > width else { return self }
        var text = self
        while text.terminalWidth > width - 1 { text.removeLast() }
        return text + "…"
    }

    private func broken(to width: Int) -> [String] {
        var (pieces, piece) = ([String](), "")
        for character in self {
            if !piece.isEmpty, "\(piece)\(character)".terminalWidth > width {
                pieces.append(piece)
                piece = ""
            }
            piece.append(character)
        }
        return pieces + [piece]
    }

    /// Terminal cells, nearly: East Asian wide characters and emoji take two (Unicode Annex 11).
    var terminalWidth: Int {
        unicodeScalars.reduce(0) { width, scalar in
            switch scalar.value {
            case 0x300...0x36F, 0x200B...0x200F, 0xFE00...0xFE0F: width
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
                0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                width + 2
            default: width + 1
            }
        }
    }
}
