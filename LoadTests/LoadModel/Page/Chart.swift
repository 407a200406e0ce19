/// A line chart, as the page's script draws it.
package struct Chart: Sendable, Equatable {
    package enum Axis: String, Sendable {
        /// Seconds since the start.
        case time
        /// By the number of nines.
        case percentile
        /// From the smallest value to the largest.
        case number
    }

    package struct Point: Sendable, Equatable {
        package var x: Double
        /// `nil` interrupts the line.
        package var y: Double?

        package init(_ x: Double, _ y: Double?) {
            self.x = x
            self.y = y
        }
    }

    package struct Line: Sendable, Equatable {
        package var name: String
        /// One of the style sheet's colours, `s0` to `s8` for things, `q1` to `q4` for steps of one
        /// thing.
        package var color: String
        package var isDashed: Bool
        package var points: [Point]

        package init(_ name: String, color: String, isDashed: Bool = false, points: [Point]) {
            self.name = name
            self.color = color
            self.isDashed = isDashed
            self.points = points
        }
    }

    package var title: String
    package var note: String
    package var x: Axis
    package var xLabel: String
    package var xUnit: String
    package var unit: String
    package var isLogarithmic: Bool
    package var lines: [Line]

    package init(
        _ title: String, note: String = "", x: Axis = .time, xLabel: String = "seconds since the start", xUnit: String = "s", unit: String,
        isLogarithmic: Bool = false, lines: [Line]
    ) {
        self.title = title
        self.note = note
        self.x = x
        self.xLabel = xLabel
        self.xUnit = xUnit
        self.unit = unit
        self.isLogarithmic = isLogarithmic
        self.lines = lines
    }

    /// The members that the script reads.
    var json: String {
        let series = lines.map { line in
            let points = line.points.map { "[\(HTMLText.number($0.x)),\($0.y.map { HTMLText.number($0) } ?? "null")]" }
            return "{\"name\":\(HTMLText.json(line.name)),\"color\":\(HTMLText.json(line.color)),\"dashed\":\(line.isDashed),"
                + "\"points\":[\(points.joined(separator: ","))]}"
        }
        return "{\"title\":\(HTMLText.json(title)),\"x\":\"\(x.rawValue)\",\"xLabel\":\(HTMLText.json(xLabel)),\"xUnit\":\(HTMLText.json(xUnit)),"
            + "\"unit\":\(HTMLText.json(unit)),\"log\":\(isLogarithmic),\"series\":[\(series.joined(separator: ","))]}"
    }

    var html: String {
        "<figure class=\"chart\"><figcaption>\(HTMLText.escaped(title)) <em>\(HTMLText.escaped(unit))</em>\(note.isEmpty ? "" : "<span>\(HTMLText.escaped(note))</span>")</figcaption>"
            + "<script type=\"application/json\">\(json)</script></figure>\n"
    }
}
