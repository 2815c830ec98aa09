-- A filter of the project: callouts become blocks with a title.
function Div(div)
  if not div.classes:includes 'callout-note' then return nil end
  local title = pandoc.Para { pandoc.Strong 'À noter' }
  return pandoc.Div({ title, table.unpack(div.content) }, pandoc.Attr('', { 'encart' }))
end
