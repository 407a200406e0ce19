/// A row of blocks whose heights are values.
package enum Sparkline {
    private static let blocks: [Character] = Array("▁▂▃▄▅▆▇█")

    /// The last `width` of `values`, the largest of them at full height; nothing is a space.
    package static func text(_ values: [UInt64], width: Int) -> String {
        let shown = values.suffix(width)
        guard let largest = shown.max(), largest > 0 else { return "" }
        return String(
            shown.map { value in
                value == 0 ? " " : blocks[Int((Double(value) / Double(largest) * Double(blocks.count - 1)).rounded())]
            })
    }
}
