/// CPU per purchase over the size of one axis, as an SVG: one line per process and one for their
/// sum. Sizes stand at equal distances.
package struct GrowthPlot: Sendable {
    package struct Line: Sendable, Equatable {
        package var name: String
        package var values: [Double]

        package init(name: String, values: [Double]) {
            self.name = name
            self.values = values
        }
    }

    private static let (width, height) = (640.0, 360.0)
    private static let (left, right, top, bottom) = (56.0, 120.0, 40.0, 48.0)
    private static let colours = ["#222222", "#d95f02", "#7570b3", "#1b9e77", "#66a61e"]

    private let title: String
    private let labels: [String]
    private let lines: [Line]

    package init(title: String, labels: [String], lines: [Line]) {
        self.title = title
        self.labels = labels
        self.lines = lines
    }

    package var svg: String {
        let ceiling = Self.ceiling(lines.flatMap(\.values).max() ?? 0)
        func x(_ index: Int) -> Double {
            let span = Self.width - Self.left - Self.right
            return labels.count > 1 ? Self.left + span * Double(index) / Double(labels.count - 1) : Self.left + span / 2
        }
        func y(_ value: Double) -> Double { Self.height - Self.bottom - (Self.height - Self.top - Self.bottom) * value / ceiling }
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            <text x="\(Self.left)" y="20" font-size="14">CPU µs per purchase by \(title)</text>

            """
        for step in 0...4 {
            let value = ceiling * Double(step) / 4
            text += """
                <line x1="\(Self.left)" x2="\(Self.width - Self.right)" y1="\(Self.short(y(value)))" y2="\(Self.short(y(value)))" stroke="#dddddd"/>
                <text x="\(Self.left - 6)" y="\(Self.short(y(value) + 4))" text-anchor="end">\(Figure.text(value, digits: 0))</text>

                """
        }
        for (index, label) in labels.enumerated() {
            text += "<text x=\"\(Self.short(x(index)))\" y=\"\(Self.height - Self.bottom + 18)\" text-anchor=\"middle\">\(label)</text>\n"
        }
        for (number, line) in lines.enumerated() {
            let colour = Self.colours[number % Self.colours.count]
            let points = line.values.enumerated().map { "\(Self.short(x($0.offset))),\(Self.short(y($0.element)))" }
            text += "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>\n"
            if let last = line.values.last {
                text +=
                    "<text x=\"\(Self.short(x(line.values.count - 1) + 8))\" y=\"\(Self.short(y(last) + 4))\" fill=\"\(colour)\">\(line.name)</text>\n"
            }
        }
        return text + "</svg>\n"
    }

    /// The next of 10, 20, 40, 100, 200, 400, … above `value`: a scale with four even steps.
    static func ceiling(_ value: Double) -> Double {
        var scale = 10.0
        while scale * 4 < value { scale *= 10 }
        return [1, 2, 4].map { scale * $0 }.first { $0 >= value } ?? scale * 4
    }

    /// A place with one digit after the point.
    private static func short(_ value: Double) -> String { Figure.text(value, digits: 1) }
}

extension GrowthReport {
    package func plot(of axis: GrowthAxis) -> GrowthPlot {
        let sizes = sizes(of: axis)
        func line(_ name: String, _ figure: (GrowthPoint) -> Double?) -> GrowthPlot.Line {
            GrowthPlot.Line(name: name, values: sizes.compactMap { spread(axis, $0, figure)?.median })
        }
        return GrowthPlot(
            title: axis.title, labels: sizes.map { Figure.text(Double($0), digits: 0) },
            lines: [line("all servers", \.cost.ofServers)] + ["service", "redis", "postgres"].map { name in line(name) { $0.cost.of(name) } })
    }
}
