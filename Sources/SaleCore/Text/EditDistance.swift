/// Letters to insert, delete, replace or exchange with their neighbours so that one word becomes
/// another (optimal string alignment).
package enum EditDistance {
    package static func between(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        var (before, row) = ([Int](), Array(0...other.count))
        for index in one.indices {
            var next = [index + 1]
            for column in other.indices {
                let replaced = row[column] + (one[index] == other[column] ? 0 : 1)
                var distance = min(replaced, row[column + 1] + 1, next[column] + 1)
                if index > 0, column > 0, one[index] == other[column - 1], one[index - 1] == other[column] {
                    distance = min(distance, before[column - 1] + 1)
                }
                next.append(distance)
            }
            (before, row) = (row, next)
        }
        return row[other.count]
    }
}
