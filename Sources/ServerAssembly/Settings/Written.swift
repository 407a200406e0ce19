/// A value with the text that it was read from: for what does not tell how it was written.
package struct Written<Value: Sendable>: Sendable {
    package let value: Value
    package let text: String
}
