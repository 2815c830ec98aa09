-- What Quarto does after the project's own filter at `pre-ast`: conditional content, text
-- alternatives, numbers of sections, figures, tables and equations, and references to them.
-- What lies outside the subset is written as JSON to a file, from which the caller makes
-- messages with the line in the .qmd: a filter cannot know that line.

local handle = assert(io.open(os.getenv('BARO_RENDER_OPTIONS'), 'r'))
local options = pandoc.json.decode(handle:read('a'), false)
handle:close()

local NBSP = '\u{a0}'
local problems, references, counts, known = pandoc.List(), {}, {}, pandoc.List()

local function report(code, needle, detail)
  problems:insert { code = code, needle = needle, detail = detail or '' }
end

local function inlines(text)
  local first = pandoc.read(text or '', 'markdown').blocks[1]
  return first and first.content or pandoc.Inlines {}
end

-- Conditional content ------------------------------------------------------------------

local function meta_is_true(meta, path)
  local value = meta
  for key in path:gmatch '[^.]+' do
    if type(value) ~= 'table' then return false end
    value = value[key]
  end
  return value == true
end

local function holds(kind, value, meta)
  if kind == 'format' then return value == 'html' end
  if kind == 'meta' then return meta_is_true(meta, value) end
  return pandoc.List(options.profiles):includes(value)
end

local KINDS = { format = true, meta = true, profile = true }

local function visibility(meta)
  return function(element)
    local shown = element.classes:includes 'content-visible'
    local hidden = element.classes:includes 'content-hidden'
    if not shown and not hidden then return nil end
    local conditions, result = 0, true
    for key, value in pairs(element.attributes) do
      local word, kind = key:match '^(%a+)%-(%a+)$'
      if KINDS[kind] and (word == 'when' or word == 'unless') then
        conditions = conditions + 1
        result = holds(kind, value, meta) == (word == 'when')
      else
        report('condition-unknown', key)
      end
    end
    local name = shown and 'content-visible' or 'content-hidden'
    if conditions ~= 1 then report('condition-count', name) end
    if element.identifier ~= '' or #element.classes > 1 then report('condition-bare', name) end
    if result == shown then return element.content end
    return {}
  end
end

-- What the project's filter has left -----------------------------------------------------

local MARGIN = { ['column-margin'] = true, aside = true, ['margin-aside'] = true }

local function leftover(element)
  for _, class in ipairs(element.classes) do
    if class:match '^callout%-' then report('callout', class) end
    if class:match '^panel%-' then report('panel', class) end
    if MARGIN[class] or class:match '^column%-%a' then report('margin', class) end
  end
  for key in pairs(element.attributes) do
    if key:match '^layout' then report('layout', key) end
    if key == 'width' and element.classes:includes 'column' then report('layout', 'width') end
  end
end

-- Images ---------------------------------------------------------------------------------

local function exists(path)
  local file = io.open(path, 'r')
  if file then file:close() end
  return file ~= nil
end

local function is_local(url)
  return not url:match '^%a[%w+.-]*:' and not url:match '^//' and not url:match '^#'
end

local function image(img)
  local path = img.src:gsub('[?#].*$', ''):gsub('%%(%x%x)', function(hex)
    return string.char(tonumber(hex, 16))
  end)
  if is_local(img.src) and not exists(path) then report('image-missing', img.src) end
  local alternative = img.attributes['fig-alt'] or img.attributes.alt
  if alternative == nil then
    if #img.caption == 0 then report('image-alt', img.src) end
    return nil
  end
  img.attributes['fig-alt'] = nil
  img.attributes.alt = nil
  img.caption = { pandoc.Str(alternative) }
  if alternative == '' then img.attributes.alt = '' end -- or pandoc writes no alt at all
  return img
end

local function captioned_image(figure)
  figure.content:walk {
    Image = function(img)
      if not img.attributes['fig-alt'] and not img.attributes.alt then
        report('figure-alt', img.src)
      end
    end,
  }
end

-- Sections -------------------------------------------------------------------------------

local function remember(kind, id, number)
  references[id] = { kind = kind, number = number }
  known:insert(id)
end

local unnumbered = {}
local sections = { 0, 0, 0, 0, 0, 0 }

local function heading(header)
  if header.level == 1 then report('heading-1', pandoc.utils.stringify(header.content)) end
  if header.classes:includes 'unnumbered' then
    unnumbered[header.identifier] = true
    return nil
  end
  sections[header.level] = sections[header.level] + 1
  for deeper = header.level + 1, 6 do sections[deeper] = 0 end
  local parts = table.move(sections, math.min(2, header.level), header.level, 1, {})
  local number = table.concat(parts, '.')
  if header.identifier:match '^sec%-' then remember('sec', header.identifier, number) end
  if options.number_sections then
    if header.level <= options.number_depth then
      header.attributes.number = number
    else
      header.classes:insert 'unnumbered' -- or pandoc numbers it
    end
  end
  return header
end

-- Figures and tables -----------------------------------------------------------------------

local function next_number(kind)
  counts[kind] = (counts[kind] or 0) + 1
  return tostring(counts[kind])
end

local function float_kind(id)
  return id:match '^(fig)%-.' or id:match '^(tbl)%-.'
end

local function caption_of(kind, number, text)
  local caption = pandoc.Inlines { pandoc.Str(options.crossref[kind .. '-title'] .. NBSP .. number) }
  if #text > 0 then
    caption:extend(inlines(options.crossref['title-delim']))
    caption:insert(pandoc.Space())
    caption:extend(text)
  end
  return caption
end

-- The same elements and classes as Quarto, so that one stylesheet serves both.
local function float(kind, attr, content, text)
  local number = next_number(kind)
  remember(kind, attr.identifier, number)
  local place = kind == 'tbl' and 'top' or 'bottom'
  local caption = pandoc.Blocks {
    pandoc.RawBlock('html', '<figcaption class="quarto-float-caption quarto-float-caption-'
      .. place .. ' quarto-float-' .. kind .. '">'),
    pandoc.Plain(caption_of(kind, number, text)),
    pandoc.RawBlock('html', '</figcaption>'),
  }
  local blocks = pandoc.Blocks {
    pandoc.RawBlock('html', '<figure class="quarto-float quarto-float-' .. kind .. ' figure">'),
  }
  if kind == 'tbl' then blocks:extend(caption) end
  blocks:extend(content)
  if kind == 'fig' then blocks:extend(caption) end
  blocks:insert(pandoc.RawBlock('html', '</figure>'))
  attr.classes:insert(1, 'quarto-float')
  attr.attributes['tbl-cap'] = nil
  return pandoc.Div(blocks, attr)
end

local function refuse_nested(blocks)
  local function look(element)
    if float_kind(element.identifier) then report('nested', '#' .. element.identifier) end
  end
  blocks:walk { Div = look, Figure = look, Table = look }
end

local function only_child(blocks, tag)
  local child = blocks[1]
  while #blocks == 1 and child.t == 'Div' do
    blocks = child.content
    child = blocks[1]
  end
  return #blocks == 1 and child.t == tag and child or nil
end

-- The caption of a block: the attribute, its last paragraph, or the one of what it holds.
local function block_caption(kind, div)
  local given = div.attributes['tbl-cap']
  if kind == 'tbl' and given then return inlines(given) end
  local content = div.content
  if #content > 1 and content[#content].t == 'Para' then
    return content:remove(#content).content
  end
  local inner = only_child(content, kind == 'tbl' and 'Table' or 'Figure')
  if inner and inner.caption.long[1] then
    local text = inner.caption.long[1].content
    if inner.t == 'Figure' then
      div.content = inner.content
    else
      div.content = content:walk { Table = function(t) t.caption = { long = {} } return t end }
    end
    return text
  end
  return pandoc.Inlines {}
end

local function div_float(div)
  leftover(div)
  local kind = float_kind(div.identifier)
  if not kind then return nil end
  refuse_nested(div.content)
  local caption = block_caption(kind, div)
  return float(kind, div.attr, div.content, caption), false
end

local function figure_float(figure)
  captioned_image(figure)
  if not float_kind(figure.identifier) then return nil end
  local long = figure.caption.long[1]
  return float('fig', figure.attr, figure.content, long and long.content or {}), false
end

local function table_float(tbl)
  local long = tbl.caption.long
  local text = #long > 0 and long[#long].content or pandoc.Inlines {}
  local id = text[#text] and text[#text].t == 'Str' and text[#text].text:match '^{#(tbl%-[%w_-]+)}$'
  if id then
    text:remove(#text)
    if text[#text] and (text[#text].t == 'Space' or text[#text].t == 'SoftBreak') then
      text:remove(#text)
    end
  elseif float_kind(tbl.identifier) then
    id, tbl.identifier = tbl.identifier, ''
  elseif pandoc.utils.stringify(text):match '{[#.]' then
    report('table-id', pandoc.utils.stringify(text):match '{[#.][^ }]*')
  end
  if not id then return nil end
  tbl.caption = { long = {} }
  return float('tbl', pandoc.Attr(id), { tbl }, text), false
end

-- Equations --------------------------------------------------------------------------------

local function equations(para)
  local out, at, content = pandoc.Inlines {}, 1, para.content
  while at <= #content do
    local item, after = content[at], at + 1
    while content[after] and (content[after].t == 'Space' or content[after].t == 'SoftBreak') do
      after = after + 1
    end
    local mark = content[after] and content[after].t == 'Str' and content[after].text or ''
    local id, rest = mark:match '^{#(eq%-[%w_-]+)}(.*)$'
    if item.t == 'Math' and item.mathtype == 'DisplayMath' and id then
      local number = next_number 'eq'
      remember('eq', id, number)
      item.text = item.text .. ' \\qquad(' .. number .. ')'
      out:insert(pandoc.Span({ item }, pandoc.Attr(id)))
      if rest ~= '' then out:insert(pandoc.Str(rest)) end
      at = after + 1
    else
      out:insert(item)
      at = at + 1
    end
  end
  para.content = out
  return para
end

-- References ---------------------------------------------------------------------------------

local PREFIXES = { fig = true, tbl = true, sec = true, eq = true, lst = true }

local function target(id)
  local kind = id:match '^(%a+)%-.'
  kind = kind and kind:lower()
  if not kind or not PREFIXES[kind] then return nil end
  return kind, kind .. id:sub(#kind + 1), id:match '^%u' ~= nil
end

local function capitalised(word)
  return pandoc.text.upper(pandoc.text.sub(word, 1, 1)) .. pandoc.text.sub(word, 2)
end

local function reference(citation)
  local kind, id, capital = target(citation.id)
  local found = references[id]
  if not found then
    local code = unnumbered[id] and 'unnumbered' or 'reference'
    report(code, '@' .. citation.id, table.concat(known, '\n'))
    return pandoc.Str('?@' .. citation.id)
  end
  if #citation.suffix > 0 then report('suffix', '@' .. citation.id) end
  local text = citation.prefix:clone()
  if #text == 0 and citation.mode ~= 'SuppressAuthor' then
    local word = options.crossref[kind .. '-prefix']
    text = pandoc.Inlines { pandoc.Str(capital and capitalised(word) or word) }
  end
  if #text > 0 then text:insert(pandoc.Str(NBSP)) end
  text:insert(pandoc.Str(found.number))
  return pandoc.Link(text, '#' .. id, '', pandoc.Attr('', { 'quarto-xref' }))
end

local function cite(element)
  local out, numbered = pandoc.Inlines {}, 0
  for _, citation in ipairs(element.citations) do
    if target(citation.id) then numbered = numbered + 1 end
  end
  if numbered == 0 then
    if not options.bibliography then report('no-bibliography', '@' .. element.citations[1].id) end
    return nil
  end
  if numbered < #element.citations then
    report('mixed', '@' .. element.citations[1].id)
    return nil
  end
  for _, citation in ipairs(element.citations) do
    if #out > 0 then out:extend { pandoc.Str(','), pandoc.Space() } end
    out:insert(reference(citation))
  end
  return out, false
end

local function colons(str)
  if str.text:match '^:::+' then report('colons', ':::') end
end

function Pandoc(doc)
  local prune = visibility(doc.meta)
  doc.blocks = doc.blocks
    :walk({ Div = prune, Span = prune })
    :walk({ Header = heading })
    :walk({ traverse = 'topdown', Div = div_float, Figure = figure_float, Table = table_float,
      Para = equations })
    :walk({ Image = image, Span = leftover, Str = colons })
    :walk({ traverse = 'topdown', Cite = cite })
  local out = assert(io.open(options.problems, 'w'))
  out:write(#problems > 0 and pandoc.json.encode(problems) or '[]')
  out:close()
  return doc
end
